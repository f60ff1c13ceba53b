//! What a CD-ROM drive is configured by.
use crate::common::moid::{Datastore, MoId};
use tf_framework::{Model, Value};

/// A CD-ROM drive. A block without arguments stands for a drive as it is: empty, or a drive of the host.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CdromModel {
    /// Whether it is the drive of the client that has the console open.
    #[tf(optional)]
    pub client_device: Value<bool>,
    /// The managed object id of the datastore of the image, such as `datastore-14`.
    #[tf(optional, form = MoId::<Datastore>::any_form)]
    pub datastore_id: Value<String>,
    /// The path of the image on the datastore. One that begins with `/vmimages/` is on the host, such as the images of guest
    /// tools, and needs no `datastore_id`.
    #[tf(optional)]
    pub path: Value<String>,
    /// The key of the device in its machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// Where it hangs: bus, controller and unit, such as `ide:1:0`.
    #[tf(computed)]
    pub device_address: Value<String>,
}
