//! What a machine is cloned from.
use super::customize::{CustomizationSpecModel, CustomizeModel};
use std::collections::BTreeMap;
use tf_framework::{Model, Value};

/// What a machine is cloned from.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CloneModel {
    /// The BIOS UUID, instance UUID or managed object id of a virtual machine or template, or the id of an item of a
    /// content library.
    #[tf(required, length(1, 1024))]
    pub template_uuid: Value<String>,
    /// Whether the clone's disks are differences to those of a snapshot: the only one of the source, or `snapshot_id`.
    #[tf(optional)]
    pub linked_clone: Value<bool>,
    /// The managed object id of the snapshot to clone, such as `snapshot-12`. Left out, the present state is cloned.
    #[tf(optional)]
    pub snapshot_id: Value<String>,
    /// How long cloning may take, in minutes.
    #[tf(optional, default = 30, at_least = 10)]
    pub timeout: Value<i64>,
    /// The managed object ids of networks, by the names that an item of a content library has for them.
    #[tf(optional)]
    pub ovf_network_map: Value<BTreeMap<String, String>>,
    /// The managed object ids of datastores, by the names of storage groups of an item of a content library.
    #[tf(optional)]
    pub ovf_storage_map: Value<BTreeMap<String, String>>,
    /// How the guest is set up.
    #[tf(block, max = 1)]
    pub customize: Value<Vec<CustomizeModel>>,
    /// A customization specification that vCenter keeps.
    #[tf(block, max = 1)]
    pub customization_spec: Value<Vec<CustomizationSpecModel>>,
}
