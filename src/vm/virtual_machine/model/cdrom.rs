//! What a CD-ROM drive is configured by.
use super::forms;
use crate::common::moid::{Datastore, MoId};
use tf_framework::{Model, Value};

/// A CD-ROM drive. A block without arguments keeps the drive as it is: empty, or connected to a drive of the host.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CdromModel {
    /// Whether to use the CD-ROM drive of the client that has the remote console open. Conflicts with `datastore_id`
    /// and `path`.
    #[tf(optional)]
    pub client_device: Value<bool>,
    /// The managed object ID of the datastore that contains the ISO image, such as `datastore-14`.
    #[tf(optional, form = MoId::<Datastore>::any_form)]
    pub datastore_id: Value<String>,
    /// The path of the ISO image on the datastore. A path that begins with `/vmimages/` refers to an ISO image on the
    /// host, such as the VMware Tools installer, and does not require `datastore_id`.
    #[tf(optional)]
    pub path: Value<String>,
    /// A name for the drive, of at least two lowercase letters or digits, which must be unique in the virtual machine.
    /// vSphere does not store it. A block is matched with a drive in the state by its name first, so that blocks can be
    /// reordered.
    #[tf(optional, check = forms::drive_name)]
    pub name: Value<String>,
    /// Whether the drive is connected. A drive that is not connected remains in the virtual machine. Can be changed while
    /// the virtual machine is powered on. If omitted, a new drive with an ISO image is connected, and later changes are
    /// not reverted.
    #[tf(optional)]
    pub connected: Value<bool>,
    /// Whether to connect the drive when the virtual machine is powered on. If omitted, it is the value of `connected`.
    #[tf(optional)]
    pub start_connected: Value<bool>,
    /// Whether the guest can connect and disconnect the drive. If omitted, it can for a new drive, and later changes are
    /// not reverted.
    #[tf(optional)]
    pub allow_guest_control: Value<bool>,
    /// The controller type: `ide` or `sata`. If omitted, a new drive is added to an IDE controller, or to a SATA
    /// controller if all places on IDE are taken. Changing this moves the drive.
    #[tf(optional, one_of("ide", "sata"))]
    pub controller_type: Value<String>,
    /// The bus number of the controller: 0 or 1 for IDE, 0 to 3 for SATA. Requires `controller_type`. Changing this
    /// moves the drive.
    #[tf(optional, range(0, 3))]
    pub controller_bus_number: Value<i64>,
    /// The unit number on the controller: 0 or 1 for IDE, 0 to 29 for SATA. Requires `controller_bus_number`. Changing
    /// this moves the drive.
    #[tf(optional, range(0, 29))]
    pub controller_unit_number: Value<i64>,
    /// The device key in the virtual machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// The address of the drive: controller type, bus number and unit number, such as `ide:1:0`.
    #[tf(computed)]
    pub device_address: Value<String>,
}
