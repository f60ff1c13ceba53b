//! `data.vsphere_datastore`
use crate::common::lookup::{self, Query};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, datastore};

/// Finds a datastore, and how much space it has.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore", category = "Storage")]
pub struct DatastoreModel {
    /// The managed object id of the datastore, for example `datastore-12`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the datastore, or its inventory path: absolute, or below the datacenter's datastore folder.
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in. Left out, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// Its `capacity` and `free` space, in bytes.
    #[tf(optional, computed)]
    pub stats: Value<BTreeMap<String, String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Datastore;

impl DataSource for Datastore {
    type Model = DatastoreModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let query = Query {
            kind: Kind::Datastore,
            name: config.name.as_str(),
            field: DatastoreModel::NAME,
            datacenter: datacenter.as_ref(),
        };
        let found = query.one(cx.client).await?;
        let read = cx.client.api.properties().get::<datastore::Datastore>(&found.object).await;
        let read = read.doing(format!("read the datastore {}", found.path))?;
        let stats = [("capacity", read.summary.capacity), ("free", read.summary.free_space)];
        let stats: BTreeMap<_, _> = stats.map(|(k, v)| (k.to_owned(), v.to_string())).into();
        Ok(DatastoreModel { id: found.object.id.to_string().into(), stats: stats.into(), ..config })
    }
}
