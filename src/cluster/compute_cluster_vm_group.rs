//! `vsphere_compute_cluster_vm_group`
use crate::cluster::common::groups::{Group, GroupHead, GroupModel, Kind};
use crate::common::machine;
use std::collections::BTreeSet;
use tf_framework::{Field, Model, Value};

/// Manages a virtual machine group for use in the rules of a cluster.
///
/// Members can be managed either all together, with `virtual_machine_ids`, or individually, with
/// `vsphere_compute_cluster_vm_group_member`. Do not use both for the same group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_vm_group", category = "Host and Cluster Management")]
pub struct ComputeClusterVmGroupModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: GroupHead,
    /// The virtual machines in the group: for each, the BIOS UUID (the `id` of `vsphere_virtual_machine`), instance
    /// UUID or managed object ID. If omitted, the members of the group are not managed. If set, any other virtual
    /// machines are removed from the group.
    #[tf(optional, computed, each(form = machine::id))]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
}

/// The resource.
pub type ComputeClusterVmGroup = Group<ComputeClusterVmGroupModel>;

impl GroupModel for ComputeClusterVmGroupModel {
    const KIND: Kind = Kind::Machines;
    const MEMBERS: Field = Self::VIRTUAL_MACHINE_IDS;

    fn head(&self) -> &GroupHead {
        &self.head
    }

    fn head_mut(&mut self) -> &mut GroupHead {
        &mut self.head
    }

    fn members(&self) -> &Value<BTreeSet<String>> {
        &self.virtual_machine_ids
    }

    fn members_mut(&mut self) -> &mut Value<BTreeSet<String>> {
        &mut self.virtual_machine_ids
    }
}
