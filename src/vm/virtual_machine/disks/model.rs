//! What a disk is configured by.
use crate::common::moid::{Datastore, MoId};
use tf_framework::{Model, Value};

/// A disk.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskModel {
    /// The name of the disk in this configuration, such as `disk0`. It is kept in the state alone.
    #[tf(required, length(1, usize::MAX))]
    pub label: Value<String>,
    /// The size in GiB, at most 63488 (62 TiB, the largest disk of vSphere). It can grow; it never shrinks. Left out, a disk
    /// of a template and one that is attached keep theirs.
    #[tf(optional, computed, range(0, 63_488))]
    pub size: Value<i64>,
    /// Its place on the bus: units 0 to 14 are on the first controller, 15 to 29 on the second, and so on (SATA: 30 each,
    /// IDE: 2 each, NVMe: 15 each). Unit 7 of a SCSI controller, which is the controller itself, is left out: 7 is
    /// `scsi:0:8`. Another one moves the disk to that address, with what is on it.
    #[tf(optional, default = 0, range(0, 255))]
    pub unit_number: Value<i64>,
    /// The number of its controller on the bus, from 0, instead of `unit_number`; together with `controller_unit_number`.
    /// A SCSI, SATA or NVMe controller of that number is made if there is none.
    #[tf(optional, range(0, 3))]
    pub controller_bus_number: Value<i64>,
    /// The unit on that controller as vSphere counts: SCSI 0 to 15, or to 64 with `scsi_type = "pvscsi"`, without 7; SATA 0
    /// to 29; NVMe 0 to 14, or to 63; IDE 0 and 1.
    #[tf(optional, range(0, 64))]
    pub controller_unit_number: Value<i64>,
    /// The bus: `scsi`, `sata`, `nvme` or `ide`.
    #[tf(optional, default = "scsi", one_of("scsi", "sata", "nvme", "ide"))]
    pub controller_type: Value<String>,
    /// The managed object id of its datastore, such as `datastore-14`. Left out, it is that of the machine; another one
    /// moves the disk.
    #[tf(optional, computed, form = MoId::<Datastore>::any_form)]
    pub datastore_id: Value<String>,
    /// The path of the file on the datastore: of an existing one with `attach`, otherwise as vSphere chose it.
    #[tf(optional, computed)]
    pub path: Value<String>,
    /// Whether `path` names an existing disk to be attached. Such a disk is detached, never deleted.
    #[tf(optional, default = false)]
    pub attach: Value<bool>,
    /// Whether the file stays when the disk is taken out of the configuration, or the machine is destroyed.
    #[tf(optional, default = false)]
    pub keep_on_remove: Value<bool>,
    /// Whether space is taken on the datastore as it is needed. Decided when the disk is created: another value for an
    /// existing disk changes nothing. A disk of a template has the template's, unless it is configured.
    #[tf(optional, default = true)]
    pub thin_provisioned: Value<bool>,
    /// Whether space is zeroed when the disk is created. Needs `thin_provisioned = false`. Decided when the disk is created:
    /// another value for an existing disk changes nothing. A disk of a template has the template's, unless it is configured.
    #[tf(optional, default = false)]
    pub eagerly_scrub: Value<bool>,
    /// How changes are kept: `persistent`, `nonpersistent`, `undoable`, `independent_persistent`,
    /// `independent_nonpersistent` or `append`.
    #[tf(
        optional,
        default = "persistent",
        one_of(
            "persistent",
            "nonpersistent",
            "undoable",
            "independent_persistent",
            "independent_nonpersistent",
            "append"
        )
    )]
    pub disk_mode: Value<String>,
    /// Whether machines share the disk: `sharingNone` or `sharingMultiWriter`.
    #[tf(optional, default = "sharingNone", one_of("sharingNone", "sharingMultiWriter"))]
    pub disk_sharing: Value<String>,
    /// Whether writes wait for the medium.
    #[tf(optional, default = false)]
    pub write_through: Value<bool>,
    /// The most operations in a second; -1 for no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub io_limit: Value<i64>,
    /// The operations in a second that are kept for the disk.
    #[tf(optional, default = 0, at_least = 0)]
    pub io_reservation: Value<i64>,
    /// The weight when the datastore is busy: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub io_share_level: Value<String>,
    /// The number of shares, for the level `custom`; ignored for the others.
    #[tf(optional, default = 0, at_least = 0, level = "io_share_level")]
    pub io_share_count: Value<i64>,
    /// The id of the storage policy. Left out, it is the datastore's default, and is not looked at.
    #[tf(optional, computed)]
    pub storage_policy_id: Value<String>,
    /// The UUID of the disk.
    #[tf(computed)]
    pub uuid: Value<String>,
    /// The key of the device in its machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// Where it hangs: bus, controller and unit, such as `scsi:0:1`.
    #[tf(computed)]
    pub device_address: Value<String>,
}
