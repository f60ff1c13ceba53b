//! `data.vsphere_compute_cluster_host_group`
use crate::cluster::common as cluster;
use crate::cluster::common::groups::Kind;
use crate::common::cluster_config;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a host group in a cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_host_group", category = "Host and Cluster Management")]
pub struct ComputeClusterHostGroupModel {
    /// The managed object ID of the cluster and the name of the group, joined by a colon: `domain-c7:rack1`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c7`.
    #[tf(required, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The name of the host group.
    #[tf(required)]
    pub name: Value<String>,
    /// The managed object IDs of the hosts in the group.
    #[tf(computed)]
    pub host_system_ids: Value<BTreeSet<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ComputeClusterHostGroup;

impl DataSource for ComputeClusterHostGroup {
    type Model = ComputeClusterHostGroupModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: Self::Model) -> Result<Self::Model> {
        let (id, name) = (config.compute_cluster_id.as_str(), config.name.as_str());
        let cluster = cluster_config::there(cx.client, id).await?;
        let hosts = Kind::Hosts.find(&cluster, name, ComputeClusterHostGroupModel::NAME, "")?;
        let hosts: BTreeSet<String> = hosts.iter().map(|h| h.id.to_string()).collect();
        Ok(ComputeClusterHostGroupModel {
            id: format!("{id}:{name}").into(),
            host_system_ids: hosts.into(),
            ..config
        })
    }
}
