//! What a CD-ROM drive is configured by.
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
    /// The device key in the virtual machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// The address of the drive: controller type, bus number and unit number, such as `ide:1:0`.
    #[tf(computed)]
    pub device_address: Value<String>,
}
