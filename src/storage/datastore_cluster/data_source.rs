//! `data.vsphere_datastore_cluster`
use crate::common::lookup;
use crate::common::lookup_source::{self, Named};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, escape};

/// Finds a datastore cluster, and returns the datastores in it.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore_cluster", category = "Storage")]
pub struct DatastoreClusterModel {
    /// What it is looked up by.
    #[tf(flatten)]
    pub named: Named,
    /// The names of the datastores in the datastore cluster.
    #[tf(computed)]
    pub datastores: Value<BTreeSet<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct DatastoreCluster;

impl DataSource for DatastoreCluster {
    type Model = DatastoreClusterModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let found = lookup_source::one(cx.client, Kind::StoragePod, &config.named).await?;
        let datacenter = lookup::datacenter(&config.named.datacenter_id);
        // The same request as that of the cluster itself.
        let all = cx.client.api.find().all(Kind::Datastore, datacenter.as_ref()).await;
        let all = all.doing(format!("list the datastores in {}", found.path))?;
        let inside = all.iter().filter(|d| d.parent.as_ref() == Some(&found.object));
        Ok(DatastoreClusterModel {
            named: Named { id: found.object.id.to_string().into(), ..config.named },
            datastores: inside.map(|d| escape(&d.name)).collect::<BTreeSet<_>>().into(),
        })
    }
}
