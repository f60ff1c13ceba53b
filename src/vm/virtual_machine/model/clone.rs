//! The source of a clone.
use super::customize::{CustomizationSpecModel, CustomizeModel};
use crate::common::machine;
use crate::common::moid::{MoId, Snapshot};
use std::collections::BTreeMap;
use tf_framework::{Model, Value};

/// The source of a clone.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CloneModel {
    /// The BIOS UUID, instance UUID, or managed object ID of the virtual machine or template to clone. To create the
    /// virtual machine from a content library item, set this to the `id` of a `vsphere_content_library_item` of type
    /// `ovf` or `vm-template`.
    #[tf(required, form = machine::id)]
    pub template_uuid: Value<String>,
    /// Whether to create a linked clone, whose disks store only the differences from a snapshot of the source. If
    /// `snapshot_id` is omitted, the source must have exactly one snapshot. A template does not require a snapshot.
    #[tf(optional)]
    pub linked_clone: Value<bool>,
    /// Whether to create an instant clone: it is powered on, shares the memory of the source, and its disks store only the
    /// differences from those of the source. The source must be powered on; it is not powered off, and continues with
    /// differences of its own. The clone is on the host of the source, in the same datastore unless `datastore_id` is set, and
    /// is not customized. What is declared must be what the source has, or what can be changed without powering off. Conflicts
    /// with `linked_clone`. Requires the `VirtualMachine.Provisioning.Clone`, `VirtualMachine.Interact.PowerOn`,
    /// `VirtualMachine.Inventory.CreateFromExisting`, `Datastore.AllocateSpace` and `Resource.AssignVMToPool` privileges.
    /// Changing it later has no effect on the existing virtual machine.
    #[tf(optional)]
    pub instant_clone: Value<bool>,
    /// Whether the disks of a linked clone or an instant clone are promoted: what they share with the source is copied, so
    /// that the source can be changed and deleted. This takes the time and the space of a full clone, and cannot be undone. If
    /// it is set to `true` for an existing virtual machine, the next apply promotes its disks. Without `linked_clone` or
    /// `instant_clone`, it has no effect. Requires the `VirtualMachine.Provisioning.PromoteDisks` privilege.
    #[tf(optional)]
    pub promote_disks: Value<bool>,
    /// The managed object ID of the snapshot to clone, such as `snapshot-12`. If omitted, the current state is cloned.
    #[tf(optional, form = MoId::<Snapshot>::any_form)]
    pub snapshot_id: Value<String>,
    /// The timeout for cloning, in minutes.
    #[tf(optional, default = 30, at_least = 10)]
    pub timeout: Value<i64>,
    /// A map from the network names of the content library item to managed object IDs of networks.
    #[tf(optional)]
    pub ovf_network_map: Value<BTreeMap<String, String>>,
    /// A map from the storage group names of the content library item to managed object IDs of datastores.
    #[tf(optional)]
    pub ovf_storage_map: Value<BTreeMap<String, String>>,
    /// The guest customization settings. Conflicts with `customization_spec` and with the `customize` block of the virtual
    /// machine.
    #[tf(block, max = 1)]
    pub customize: Value<Vec<CustomizeModel>>,
    /// The customization specification in vCenter to apply to the guest. Conflicts with `customize`.
    #[tf(block, max = 1)]
    pub customization_spec: Value<Vec<CustomizationSpecModel>>,
}

impl CloneModel {
    /// Whether the disks are differences to those of the source.
    pub(in crate::vm::virtual_machine) fn shares_disks(&self) -> bool {
        self.linked_clone.get() || self.instant_clone.get()
    }
}
