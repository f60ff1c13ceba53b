//! What a disk is configured by.
use crate::common::moid::{Datastore, MoId};
use tf_framework::{Model, Value};

/// A disk.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskModel {
    /// The name of the disk in the configuration, such as `disk0`. vSphere does not store the label.
    #[tf(required, length(1, usize::MAX))]
    pub label: Value<String>,
    /// The size of the disk, in GiB. The maximum is 63488 (62 TiB), the largest disk that vSphere supports. The size
    /// can be increased but not decreased. Can be omitted for disks of a template and for attached disks, which then
    /// keep their size.
    #[tf(optional, computed, range(0, 63_488))]
    pub size: Value<i64>,
    /// The position of the disk on the bus, counted across all controllers of `controller_type`: 15 units per
    /// controller for SCSI and NVMe, 30 for SATA, and 2 for IDE. For example, SCSI units 0 to 14 are on the first
    /// controller and 15 to 29 on the second. Unit 7 of a SCSI controller, which is reserved for the controller, is
    /// skipped: `unit_number = 7` is the address `scsi:0:8`. Changing this moves the disk, with its data, to the new
    /// address. If it is omitted, an existing disk keeps its address, and a new disk gets the first one that is free.
    #[tf(optional, default = 0, range(0, 255))]
    pub unit_number: Value<i64>,
    /// The bus number of the controller, starting at 0. Set this together with `controller_unit_number`, as an
    /// alternative to `unit_number`, or alone for the first free unit of the controller. A missing SCSI, SATA or NVMe
    /// controller is added.
    #[tf(optional, range(0, 3))]
    pub controller_bus_number: Value<i64>,
    /// The unit number on the controller, as vSphere counts: 0 to 15 for SCSI, or 0 to 64 for SCSI with `scsi_type =
    /// "pvscsi"`, except for 7; 0 to 29 for SATA; 0 to 14 for NVMe, or 0 to 63 with hardware version 21 or later; 0 or
    /// 1 for IDE.
    #[tf(optional, range(0, 64))]
    pub controller_unit_number: Value<i64>,
    /// The controller type: `scsi`, `sata`, `nvme` or `ide`.
    #[tf(optional, default = "scsi", one_of("scsi", "sata", "nvme", "ide"))]
    pub controller_type: Value<String>,
    /// The managed object ID of the datastore of the disk, such as `datastore-14`. Defaults to the datastore of the
    /// virtual machine. Changing this moves the disk.
    #[tf(optional, computed, form = MoId::<Datastore>::any_form)]
    pub datastore_id: Value<String>,
    /// The path of the disk file on the datastore. Required if `attach` is `true`. Otherwise, vSphere selects the path.
    #[tf(optional, computed)]
    pub path: Value<String>,
    /// Whether to attach the existing disk at `path`. An attached disk is detached but never deleted.
    #[tf(optional, default = false)]
    pub attach: Value<bool>,
    /// Whether to keep the disk file when the disk is removed from the configuration or the virtual machine is
    /// destroyed.
    #[tf(optional, default = false)]
    pub keep_on_remove: Value<bool>,
    /// Whether to allocate space on the datastore only as the guest writes (thin provisioning). Defaults to the setting
    /// of the template for disks of a template. Changing this later has no effect on an existing disk.
    #[tf(optional, default = true)]
    pub thin_provisioned: Value<bool>,
    /// Whether to zero all space when the disk is created. Requires `thin_provisioned = false`. Defaults to the setting
    /// of the template for disks of a template. Changing this later has no effect on an existing disk.
    #[tf(optional, default = false)]
    pub eagerly_scrub: Value<bool>,
    /// The disk mode, which determines whether changes are persistent and whether snapshots include the disk:
    /// `persistent`, `nonpersistent`, `undoable`, `independent_persistent`, `independent_nonpersistent` or `append`.
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
    /// The sharing mode: `sharingNone`, or `sharingMultiWriter` to allow several virtual machines to write to the disk.
    #[tf(optional, default = "sharingNone", one_of("sharingNone", "sharingMultiWriter"))]
    pub disk_sharing: Value<String>,
    /// The clustered application that uses the disk, which determines the defaults of `disk_mode` and `disk_sharing`:
    /// `OracleRAC` (`independent_persistent` and `sharingMultiWriter`, on a SCSI controller that is not shared; outside vSAN,
    /// also set `thin_provisioned = false` and `eagerly_scrub = true`) or
    /// `MicrosoftWSFC` (`independent_persistent` and `sharingNone`, on a SCSI controller with `physicalSharing`). Other
    /// values are an error.
    #[tf(optional, one_of("OracleRAC", "MicrosoftWSFC"))]
    pub application_type: Value<String>,
    /// Whether to write data directly to the storage device instead of buffering it.
    #[tf(optional, default = false)]
    pub write_through: Value<bool>,
    /// The maximum number of I/O operations per second (IOPS). `-1` means no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub io_limit: Value<i64>,
    /// The number of I/O operations per second (IOPS) that are reserved for the disk.
    #[tf(optional, default = 0, at_least = 0)]
    pub io_reservation: Value<i64>,
    /// The I/O share level, which determines the priority of the disk when the datastore is congested: `low`, `normal`,
    /// `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub io_share_level: Value<String>,
    /// The number of I/O shares. Used only if `io_share_level` is `custom`.
    #[tf(optional, default = 0, at_least = 0, level = "io_share_level")]
    pub io_share_count: Value<i64>,
    /// The ID of the storage policy of the disk. If omitted, the default storage policy of the datastore applies, and
    /// the storage policy is not managed.
    #[tf(optional, computed)]
    pub storage_policy_id: Value<String>,
    /// The UUID of the disk.
    #[tf(computed)]
    pub uuid: Value<String>,
    /// The device key in the virtual machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// The address of the disk: controller type, bus number and unit number, such as `scsi:0:1`.
    #[tf(computed)]
    pub device_address: Value<String>,
}

/// A controller with a type and a sharing mode of its own.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ControllerModel {
    /// The controller type: `scsi`, `sata` or `nvme`.
    #[tf(required, one_of("scsi", "sata", "nvme"))]
    pub r#type: Value<String>,
    /// The bus number of the controller, starting at 0.
    #[tf(required, range(0, 3))]
    pub bus_number: Value<i64>,
    /// The type of the SCSI controller: `pvscsi`, `lsilogic`, `lsilogic-sas` or `buslogic`. If omitted, an existing
    /// controller keeps its type, and a new one has the type of the first SCSI controller. Changing this replaces the
    /// controller, and powers off the virtual machine if it is running. The disks move to the new controller.
    #[tf(optional, one_of("pvscsi", "lsilogic", "lsilogic-sas", "buslogic"))]
    pub scsi_type: Value<String>,
    /// The bus sharing mode: `noSharing`, `virtualSharing` (between virtual machines on the same host; SCSI only) or
    /// `physicalSharing` (between virtual machines on any host). Requires a SCSI controller, or an NVMe controller and
    /// vSphere 8.0 Update 2 or later. If omitted, the sharing mode is not managed. Changing this powers off the virtual
    /// machine if it is running.
    #[tf(optional, one_of("noSharing", "virtualSharing", "physicalSharing"))]
    pub sharing: Value<String>,
}
