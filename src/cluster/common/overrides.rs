//! The attributes of what a virtual machine has of its own in a cluster, for DRS and for HA.
use crate::cluster::common as cluster;
use crate::common::machine;
use tf_framework::{Model, Value};

/// How an import names an override.
pub const IMPORT: &str = "the paths of the cluster and of the virtual machine, {\"compute_cluster_path\": \"/dc1/host/c1\", \
                          \"virtual_machine_path\": \"/dc1/vm/web\"}, or by the managed object ID of the cluster and the ID of the \
                          virtual machine, such as domain-c7:vm-42";

/// What every override has.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct OverrideHead {
    /// The managed object ID of the cluster and the BIOS UUID of the virtual machine, joined by a colon.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c7`.
    #[tf(required, force_new, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The virtual machine: its BIOS UUID (the `id` of `vsphere_virtual_machine`), instance UUID or managed object ID.
    #[tf(required, force_new, form = machine::id, same = machine::same)]
    pub virtual_machine_id: Value<String>,
}

impl OverrideHead {
    /// The id, that of the cluster, and that of the virtual machine, to be changed.
    pub fn ids(&mut self) -> [&mut Value<String>; 3] {
        [&mut self.id, &mut self.compute_cluster_id, &mut self.virtual_machine_id]
    }
}
