//! `data.vsphere_datastore_stats`
use crate::common::lookup;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::datastore::Datastore;
use vsphere_client::{FaultKind, Kind, escape};

/// Returns the capacity and free space of all datastores in a datacenter, including those in folders and datastore
/// clusters.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore_stats", category = "Storage")]
pub struct DatastoreStatsModel {
    /// The managed object ID of the datacenter, followed by `_stats`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the datacenter, such as `datacenter-3`.
    #[tf(required, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// A map from the name of each datastore to its capacity, in bytes. Does not have to be set. If set, the configured
    /// value is returned.
    #[tf(optional, computed)]
    pub capacity: Value<BTreeMap<String, String>>,
    /// A map from the name of each datastore to its free space, in bytes. Does not have to be set. If set, the
    /// configured value is returned.
    #[tf(optional, computed)]
    pub free_space: Value<BTreeMap<String, String>>,
}

type M = DatastoreStatsModel;

/// The data source.
#[derive(Debug, Default)]
pub struct DatastoreStats;

impl DataSource for DatastoreStats {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, id) = (cx.client, config.datacenter_id.as_str());
        let Some(datacenter) = lookup::datacenter(&config.datacenter_id) else {
            let detail = "Set `datacenter_id` to the managed object ID of a datacenter, such as \"datacenter-3\": use \
                          `data.vsphere_datacenter.<name>.id`.";
            return Err(Diagnostics::error(M::DATACENTER_ID, "Missing datacenter ID", detail));
        };
        let all = match vsphere.api.find().all(Kind::Datastore, Some(&datacenter)).await {
            Err(e) if e.is_not_found() => return Err(lookup::no_datacenter(id)),
            all => all.doing(format!("list the datastores of {datacenter}"))?,
        };
        let properties = vsphere.api.properties();
        let reads = join_all(all.iter().map(|found| properties.get::<Datastore>(&found.object))).await;
        let (mut capacity, mut free_space) = (BTreeMap::new(), BTreeMap::new());
        for (found, read) in all.iter().zip(reads) {
            let summary = match read {
                Ok(read) => read.summary,
                // Deleted since the list was read.
                Err(e) if e.is_not_found() => continue,
                Err(e) if matches!(e.fault_kind(), Some(FaultKind::NoPermission { .. })) => {
                    let summary = format!("Datastore {} is left out", found.path);
                    let detail =
                        "The user lacks a privilege to read its properties. Grant a role with `System.Read`.";
                    cx.warn(M::CAPACITY, summary, detail);
                    continue;
                }
                failed => failed.doing(format!("read the datastore {}", found.path))?.summary,
            };
            let name = escape(&found.name);
            capacity.insert(name.clone(), summary.capacity.to_string());
            free_space.insert(name, summary.free_space.to_string());
        }
        Ok(M {
            id: format!("{id}_stats").into(),
            capacity: capacity.into(),
            free_space: free_space.into(),
            ..config
        })
    }
}
