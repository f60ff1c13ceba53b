//! `data.vsphere_compute_cluster`
use crate::common::lookup_source::{LookupModel, Named};
use tf_framework::{Model, Value};
use vsphere_client::{Kind, compute::Compute};

/// Finds a cluster and its root resource pool.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster", category = "Host and Cluster Management")]
pub struct ComputeCluster {
    #[tf(flatten)]
    named: Named,
    /// The managed object ID of the root resource pool of the cluster, such as `resgroup-8`.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
}

impl LookupModel for ComputeCluster {
    const KIND: Kind = Kind::Cluster;
    type Properties = Compute;

    fn found(&mut self, read: Compute) {
        self.resource_pool_id = read.resource_pool.map(|p| p.id.to_string()).into();
    }
}
