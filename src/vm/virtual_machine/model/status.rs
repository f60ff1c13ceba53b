//! What the state reports of hardware, storage and encryption.
use tf_framework::{Model, Value};

/// The hardware of a virtual machine.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct HardwareStatusModel {
    /// The virtual CPUs.
    #[tf(computed)]
    pub cpu: Value<ShareModel>,
    /// The memory.
    #[tf(computed)]
    pub memory: Value<ShareModel>,
    /// The vGPUs.
    #[tf(computed)]
    pub vgpus: Value<Vec<VgpuModel>>,
    /// The controllers, by type and bus number.
    #[tf(computed)]
    pub controllers: Value<Vec<ControllerModel>>,
}

/// An amount of CPU or memory.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ShareModel {
    /// The number of virtual CPUs, or the memory size in MiB.
    #[tf(computed)]
    pub total: Value<i64>,
    /// The reserved CPU capacity in MHz, or the reserved memory in MiB.
    #[tf(computed)]
    pub reservation: Value<i64>,
}

/// A vGPU.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VgpuModel {
    /// The vGPU profile, such as `grid_t4-4q`.
    #[tf(computed)]
    pub profile: Value<String>,
    /// How a virtual machine with this vGPU can be migrated with vMotion: `none`, `normal` or `enhanced`.
    #[tf(computed)]
    pub migration_type: Value<String>,
}

/// A controller.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ControllerModel {
    /// The type of the controller: `scsi`, `sata`, `nvme` or `ide`.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The bus number.
    #[tf(computed)]
    pub bus_number: Value<i64>,
    /// The type of a SCSI controller: `pvscsi`, `lsilogic`, `lsilogic-sas` or `buslogic`.
    #[tf(computed)]
    pub scsi_type: Value<String>,
    /// The bus sharing mode of a SCSI or NVMe controller: `noSharing`, `virtualSharing` or `physicalSharing`.
    #[tf(computed)]
    pub sharing: Value<String>,
    /// The device key of the controller in vSphere.
    #[tf(computed)]
    pub device_key: Value<i64>,
    /// The disks and CD-ROM drives on the controller, by unit number.
    #[tf(computed)]
    pub devices: Value<Vec<DeviceModel>>,
}

/// A disk or CD-ROM drive.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DeviceModel {
    /// The type of the device: `disk` or `cdrom`.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The unit number on the controller.
    #[tf(computed)]
    pub unit_number: Value<i64>,
}

/// The storage that a virtual machine uses, in bytes.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct StorageUsageModel {
    /// The size of all files that do not belong to a disk, such as snapshots of the memory, swap files and logs.
    #[tf(computed)]
    pub other_used: Value<i64>,
    /// The space that the disks take on their datastores, without Kubernetes persistent volumes and other first class
    /// disks.
    #[tf(computed)]
    pub disks_used: Value<i64>,
    /// The capacity of the disks, without Kubernetes persistent volumes and other first class disks.
    #[tf(computed)]
    pub disks_requested: Value<i64>,
    /// The sum of `other_used` and `disks_requested`, which a Supervisor counts against the storage quota of a namespace.
    #[tf(computed)]
    pub total: Value<i64>,
}

/// The encryption of a virtual machine.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct EncryptionStatusModel {
    /// Whether the virtual machine is encrypted.
    #[tf(computed)]
    pub encrypted: Value<bool>,
    /// The name of the key provider.
    #[tf(computed)]
    pub key_provider_id: Value<String>,
    /// The ID of the key.
    #[tf(computed)]
    pub key_id: Value<String>,
    /// What is encrypted: `config`, which is all files but the disks, and `disks`, which is at least one disk.
    #[tf(computed)]
    pub types: Value<Vec<String>>,
    /// Whether the virtual machine has a virtual Trusted Platform Module (vTPM).
    #[tf(computed)]
    pub has_vtpm: Value<bool>,
    /// The encrypted disks.
    #[tf(computed)]
    pub disks: Value<Vec<DiskKeyModel>>,
}

/// The key of an encrypted disk.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct DiskKeyModel {
    /// The device key of the disk in vSphere.
    #[tf(computed)]
    pub key: Value<i64>,
    /// The name of the key provider.
    #[tf(computed)]
    pub key_provider_id: Value<String>,
    /// The ID of the key.
    #[tf(computed)]
    pub key_id: Value<String>,
}
