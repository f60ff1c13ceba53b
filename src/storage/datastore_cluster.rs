//! `data.vsphere_datastore_cluster`
use crate::common::lookup::{self, Query};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, escape};

/// Finds a datastore cluster, and the datastores in it.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore_cluster", category = "Storage")]
pub struct DatastoreClusterModel {
    /// The managed object id of the datastore cluster, for example `group-p12`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the datastore cluster, or its inventory path: absolute, or below the datacenter's datastore folder.
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in. Left out, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The names of the datastores in it.
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
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let query = Query {
            kind: Kind::StoragePod,
            name: config.name.as_str(),
            field: DatastoreClusterModel::NAME,
            datacenter: datacenter.as_ref(),
        };
        let found = query.one(cx.client).await?;
        // The same request as that of the cluster itself.
        let all = cx.client.api.find().all(Kind::Datastore, datacenter.as_ref()).await;
        let all = all.doing(format!("list the datastores in {}", found.path))?;
        let inside = all.iter().filter(|d| d.parent.as_ref() == Some(&found.object));
        Ok(DatastoreClusterModel {
            id: found.object.id.to_string().into(),
            datastores: inside.map(|d| escape(&d.name)).collect::<BTreeSet<_>>().into(),
            ..config
        })
    }
}
