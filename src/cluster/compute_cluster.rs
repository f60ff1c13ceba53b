//! `data.vsphere_compute_cluster`
use crate::common::lookup::{self, Query};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Kind, compute::Compute};

/// Finds a cluster of hosts, and its root resource pool.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster", category = "Host and Cluster Management")]
pub struct ComputeClusterModel {
    /// The managed object id of the cluster, for example `domain-c7`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the cluster, or its inventory path: absolute, or below the datacenter's host folder.
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in. Left out, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The managed object id of the cluster's root resource pool.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ComputeCluster;

impl DataSource for ComputeCluster {
    type Model = ComputeClusterModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let datacenter = lookup::datacenter(&config.datacenter_id);
        let query = Query {
            kind: Kind::Cluster,
            name: config.name.as_str(),
            field: ComputeClusterModel::NAME,
            datacenter: datacenter.as_ref(),
        };
        let found = query.one(cx.client).await?;
        let read = cx.client.api.properties().get::<Compute>(&found.object).await;
        let read = read.doing(format!("read the cluster {}", found.path))?;
        Ok(ComputeClusterModel {
            id: found.object.id.to_string().into(),
            resource_pool_id: read.resource_pool.map(|p| p.id.to_string()).into(),
            ..config
        })
    }
}
