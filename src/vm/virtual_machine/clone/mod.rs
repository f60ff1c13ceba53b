//! What a machine is cloned from.
mod inputs;
mod item;
mod source;
mod spec;

use super::customize::{self, CustomizationSpecModel, CustomizeModel};
use super::model::VirtualMachineModel as M;
use crate::common::machine;
use crate::common::moid::{MoId, Snapshot};
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Diagnostics, Model, Value};

pub(super) use inputs::warn_if_changed;
pub(super) use item::{check as check_item, deploy};
pub(super) use source::{Origin, Source, check, origin};
pub(super) use spec::{Wanted, spec};

/// The path of the block.
pub(super) fn at() -> AttributePath {
    M::CLONE.index(0)
}

/// What is wrong with what is cloned, and how, as far as no server is needed.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(clone) = config.clone.known().and_then(|c| c.first()) else { return out };
    out.merge(customize::validate(clone));
    out
}

/// What is said of a clone that is going to be made.
pub(super) fn plan(config: &M) -> Diagnostics {
    customize::plan(config)
}

/// What a machine is cloned from.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CloneModel {
    /// The BIOS UUID, instance UUID or managed object id of a virtual machine or template, or the ID of an item of a content
    /// library: the `id` of a `vsphere_content_library_item` of the type `ovf` or `vm-template`.
    #[tf(required, form = machine::id)]
    pub template_uuid: Value<String>,
    /// Whether the clone's disks are differences to those of a snapshot: the only one of the source, or `snapshot_id`. A
    /// template needs no snapshot: its disks are shared where vSphere can.
    #[tf(optional)]
    pub linked_clone: Value<bool>,
    /// The managed object id of the snapshot to clone, such as `snapshot-12`. Left out, the present state is cloned.
    #[tf(optional, form = MoId::<Snapshot>::any_form)]
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
