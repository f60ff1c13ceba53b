//! `vsphere_compute_cluster_vm_group`
use crate::cluster::common::groups::{Group, GroupHead, GroupModel, Kind};
use crate::common::machine;
use std::collections::BTreeSet;
use tf_framework::{Field, Model, Value};

/// Manages a group of virtual machines in a cluster, for rules to refer to.
///
/// With `virtual_machine_ids` the group holds these and no others. Left out, its members are left alone, for
/// `vsphere_compute_cluster_vm_group_member` to add them one by one: the two do not go together on one group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_vm_group", category = "Host and Cluster Management")]
pub struct ComputeClusterVmGroupModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: GroupHead,
    /// The virtual machines in the group: their `id`s (BIOS UUIDs), instance UUIDs or managed object ids. Left out, its
    /// members are left alone.
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
