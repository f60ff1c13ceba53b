//! `data.vsphere_compute_cluster`
use crate::common::lookup_source::{Lookup, LookupModel, Named};
use tf_framework::{Model, Value};
use vsphere_client::{Found, Kind, compute::Compute};

/// Finds a cluster of hosts, and its root resource pool.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster", category = "Host and Cluster Management")]
pub struct ComputeClusterModel {
    /// The managed object id of the cluster, for example `domain-c7`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// What it is looked up by.
    #[tf(flatten)]
    pub named: Named,
    /// The managed object id of the cluster's root resource pool.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
}

/// The data source.
pub type ComputeCluster = Lookup<ComputeClusterModel>;

impl LookupModel for ComputeClusterModel {
    const KIND: Kind = Kind::Cluster;
    type Properties = Compute;

    fn named(&self) -> &Named {
        &self.named
    }

    fn found(self, found: &Found, read: Compute) -> Self {
        let pool = read.resource_pool.map(|p| p.id.to_string());
        Self { id: found.object.id.to_string().into(), resource_pool_id: pool.into(), ..self }
    }
}
