//! `vsphere_compute_cluster_host_group`
pub mod data_source;
use crate::cluster::common::groups::{Group, GroupHead, GroupModel, Kind};
use crate::common::moid::{Host, MoId};
use std::collections::BTreeSet;
use tf_framework::{Field, Model, Value};

/// Manages a host group in a cluster. VM-host rules can refer to the group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_host_group", category = "Host and Cluster Management")]
pub struct ComputeClusterHostGroupModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: GroupHead,
    /// The managed object IDs of the hosts in the group. If omitted, the members of the group are not managed. If set,
    /// any other hosts are removed from the group.
    #[tf(optional, computed, each(form = MoId::<Host>::form))]
    pub host_system_ids: Value<BTreeSet<String>>,
}

/// The resource.
pub type ComputeClusterHostGroup = Group<ComputeClusterHostGroupModel>;

impl GroupModel for ComputeClusterHostGroupModel {
    const KIND: Kind = Kind::Hosts;
    const MEMBERS: Field = Self::HOST_SYSTEM_IDS;

    fn head(&self) -> &GroupHead {
        &self.head
    }

    fn head_mut(&mut self) -> &mut GroupHead {
        &mut self.head
    }

    fn members(&self) -> &Value<BTreeSet<String>> {
        &self.host_system_ids
    }

    fn members_mut(&mut self) -> &mut Value<BTreeSet<String>> {
        &mut self.host_system_ids
    }
}
