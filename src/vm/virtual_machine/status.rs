//! What the state reports of the hardware and of the storage that a virtual machine uses.
use super::model::status::{ControllerModel, DeviceModel, ShareModel, VgpuModel};
use super::model::{HardwareStatusModel, StorageUsageModel, VirtualMachineModel as M};
use std::collections::BTreeSet;
use tf_framework::Value;
use vsphere_client::device::{Bus, Cdrom, Disk, controller_key, unit_number};
use vsphere_client::vim::types::{
    ResourceAllocationInfo, VirtualDeviceBackingInfoKind, VirtualDeviceKind,
    VirtualMachineFileLayoutExFileInfo, VirtualPCIPassthroughVmiopBackingInfo,
};
use vsphere_client::virtual_machine::VirtualMachine as Machine;

fn amount(total: i32, allocation: Option<&ResourceAllocationInfo>) -> Value<ShareModel> {
    let reservation = allocation.and_then(|a| a.reservation).unwrap_or_default();
    Value::Known(ShareModel { total: i64::from(total).into(), reservation: reservation.into() })
}

fn migration(backing: &VirtualPCIPassthroughVmiopBackingInfo) -> &'static str {
    match (backing.migrate_supported, backing.enhanced_migrate_capability) {
        (_, Some(true)) => "enhanced",
        (Some(true), _) => "normal",
        _ => "none",
    }
}

fn vgpu(device: &VirtualDeviceKind) -> Option<VgpuModel> {
    let VirtualDeviceKind::VirtualPCIPassthrough(device) = device else { return None };
    let Some(VirtualDeviceBackingInfoKind::VirtualPCIPassthroughVmiopBackingInfo(backing)) =
        device.backing.as_deref()
    else {
        return None;
    };
    Some(VgpuModel {
        profile: backing.vgpu.clone().into(),
        migration_type: migration(backing).to_owned().into(),
    })
}

/// Returns the hardware of a virtual machine; nothing while its configuration cannot be read.
pub(super) fn hardware(vm: &Machine) -> Value<HardwareStatusModel> {
    let Some(config) = vm.config.as_deref() else { return Value::Null };
    let devices = vm.devices();
    let on = |controller: i32| {
        let mut all: Vec<(i32, &str)> = devices
            .iter()
            .filter(|d| controller_key(d) == Some(controller))
            .filter_map(|d| {
                let ty = match d {
                    d if Disk::of(d).is_some() => "disk",
                    d if Cdrom::of(d).is_some() => "cdrom",
                    _ => return None,
                };
                Some((unit_number(d)?, ty))
            })
            .collect();
        all.sort_unstable();
        let model = |(unit, ty): (i32, &str)| DeviceModel {
            r#type: ty.to_owned().into(),
            unit_number: i64::from(unit).into(),
        };
        all.into_iter().map(model).collect::<Vec<_>>()
    };
    let controllers = devices.controllers().into_iter().map(|c| ControllerModel {
        r#type: c.ty.bus().name().to_owned().into(),
        bus_number: i64::from(c.number).into(),
        scsi_type: (c.ty.bus() == Bus::Scsi).then(|| c.ty.name().to_owned()).into(),
        sharing: c.sharing.as_ref().map(|s| s.as_str().to_owned()).into(),
        device_key: i64::from(c.key).into(),
        devices: on(c.key).into(),
    });
    let status = HardwareStatusModel {
        cpu: amount(config.hardware.num_cpu, config.cpu_allocation.as_deref()),
        memory: amount(config.hardware.memory_mb, config.memory_allocation.as_deref()),
        vgpus: devices.iter().filter_map(vgpu).collect::<Vec<_>>().into(),
        controllers: controllers.collect::<Vec<_>>().into(),
    };
    Value::Known(status)
}

fn size(file: &VirtualMachineFileLayoutExFileInfo) -> i64 {
    file.unique_size.unwrap_or(file.size)
}

/// Returns the storage that a virtual machine uses; nothing while vSphere has not listed its files.
pub(super) fn storage(vm: &Machine) -> Value<StorageUsageModel> {
    let Some(layout) = vm.layout.as_deref().filter(|_| vm.config.is_some()) else { return Value::Null };
    let devices = vm.devices();
    let disks: Vec<_> =
        devices.disks().into_iter().map(|(_, d)| d).filter(|d| d.first_class_id().is_none()).collect();
    let keys: BTreeSet<i32> = disks.iter().map(Disk::key).collect();
    let of_disks: BTreeSet<i32> = layout
        .disk
        .iter()
        .filter(|d| keys.contains(&d.key))
        .flat_map(|d| &d.chain)
        .flat_map(|unit| unit.file_key.iter().copied())
        .collect();
    let is_of_a_disk = |file: &VirtualMachineFileLayoutExFileInfo| {
        ["diskDescriptor", "diskExtent", "digestDescriptor", "digestExtent"].contains(&file.r#type.as_str())
    };
    let disks_used: i64 = layout.file.iter().filter(|f| of_disks.contains(&f.key)).map(size).sum();
    let other_used: i64 = layout.file.iter().filter(|f| !is_of_a_disk(f)).map(size).sum();
    let disks_requested: i64 = disks.iter().map(Disk::capacity).sum();
    let usage = StorageUsageModel {
        other_used: other_used.into(),
        disks_used: disks_used.into(),
        disks_requested: disks_requested.into(),
        total: (other_used + disks_requested).into(),
    };
    Value::Known(usage)
}

/// The addresses of the disks and CD-ROM drives in order, with `None` for those that are not known: what else changes of
/// them is not in the hardware status.
fn addresses(m: &M) -> [Vec<Option<&String>>; 2] {
    let mut disks: Vec<_> = m.disk.known().into_iter().flatten().map(|d| d.device_address.known()).collect();
    let mut drives: Vec<_> =
        m.cdrom.known().into_iter().flatten().map(|c| c.device_address.known()).collect();
    disks.sort_unstable();
    drives.sort_unstable();
    [disks, drives]
}

/// What the sizes of the files of a virtual machine depend on, as far as it is planned.
fn files(m: &M) -> Vec<(&Value<i64>, &Value<String>)> {
    m.disk.known().into_iter().flatten().map(|d| (&d.size, &d.path)).collect()
}

/// Whether the hardware is another one after a plan.
fn changes_hardware(prior: &M, planned: &M) -> bool {
    planned.disk.is_unknown()
        || planned.cdrom.is_unknown()
        || addresses(planned).concat().contains(&None)
        || addresses(prior) != addresses(planned)
        // Volumes may leave with the power.
        || (planned.detach_volumes_on_power_off.get() && prior.power_state != planned.power_state)
        || prior.vgpu_profiles != planned.vgpu_profiles
        || prior.device_groups != planned.device_groups
        || prior.num_cpus != planned.num_cpus
        || prior.memory != planned.memory
        || prior.cpu_reservation != planned.cpu_reservation
        || prior.memory_reservation != planned.memory_reservation
        || prior.memory_reservation_locked_to_max != planned.memory_reservation_locked_to_max
        || prior.scsi_controller_count != planned.scsi_controller_count
        || prior.scsi_type != planned.scsi_type
        || prior.scsi_bus_sharing != planned.scsi_bus_sharing
        || prior.controller != planned.controller
        || prior.sata_controller_count != planned.sata_controller_count
        || prior.nvme_controller_count != planned.nvme_controller_count
}

/// Completes the plan of an update: what it changes is not known before it is applied. `cycles`: it powers the virtual
/// machine off and on, which writes to its log and swap files. Pure.
pub(super) fn plan(prior: &M, planned: &mut M, cycles: bool) {
    if changes_hardware(prior, planned) {
        planned.hardware_status = Value::Unknown;
    }
    // As with `guest_ip_addresses`, all else is seen by the next refresh.
    if cycles
        || prior.power_state != planned.power_state
        || prior.encryption != planned.encryption
        || prior.num_cpus != planned.num_cpus
        || prior.memory != planned.memory
        || prior.pending_changes != planned.pending_changes
        || prior.resize_policy != planned.resize_policy
    {
        planned.conditions = Value::Unknown;
    }
    if cycles
        || planned.disk.is_unknown()
        || files(prior) != files(planned)
        || prior.power_state != planned.power_state
        || prior.memory != planned.memory
        || prior.datastore_id != planned.datastore_id
    {
        planned.storage_usage = Value::Unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::DiskModel;
    use super::*;
    use vsphere_client::device::{ControllerType, Medium, new_cdrom};
    use vsphere_client::vim::types::{
        ID, VirtualDevice, VirtualDisk, VirtualHardware, VirtualMachineConfigInfo,
        VirtualMachineFileLayoutEx, VirtualMachineFileLayoutExDiskLayout, VirtualMachineFileLayoutExDiskUnit,
        VirtualPCIPassthrough, VirtualSCSISharing,
    };

    const GIB: i64 = 1 << 30;

    fn disk(key: i32, controller: i32, unit: i32, gib: i64, first_class: bool) -> VirtualDeviceKind {
        let base = VirtualDevice {
            key,
            controller_key: Some(controller),
            unit_number: Some(unit),
            ..Default::default()
        };
        let v_disk_id = first_class.then(|| Box::new(ID { id: "fcd".to_owned() }));
        VirtualDisk { base, capacity_in_bytes: Some(gib * GIB), v_disk_id, ..Default::default() }.into()
    }

    fn machine(device: Vec<VirtualDeviceKind>) -> Machine {
        let allocation = |reservation: i64| {
            Some(Box::new(ResourceAllocationInfo { reservation: Some(reservation), ..Default::default() }))
        };
        let config = VirtualMachineConfigInfo {
            hardware: VirtualHardware { num_cpu: 4, memory_mb: 2048, device, ..Default::default() },
            cpu_allocation: allocation(1000),
            memory_allocation: allocation(1024),
            ..Default::default()
        };
        Machine { config: Some(Box::new(config)), ..Default::default() }
    }

    #[test]
    fn hardware_is_listed_by_controller() {
        let backing = |profile: &str, enhanced: bool| VirtualPCIPassthroughVmiopBackingInfo {
            vgpu: Some(profile.to_owned()),
            enhanced_migrate_capability: Some(enhanced),
            ..Default::default()
        };
        let gpu = |key: i32, profile: &str, enhanced: bool| -> VirtualDeviceKind {
            let backing = Some(Box::new(backing(profile, enhanced).into()));
            VirtualPCIPassthrough { base: VirtualDevice { key, backing, ..Default::default() } }.into()
        };
        let vm = machine(vec![
            ControllerType::Ide.device(200, 0, VirtualSCSISharing::NoSharing),
            ControllerType::ParaVirtual.device(1000, 0, VirtualSCSISharing::NoSharing),
            disk(2001, 1000, 1, 1, false),
            disk(2000, 1000, 0, 1, false),
            new_cdrom(3000, 200, 0, &Medium::Other(String::new())),
            gpu(13000, "grid_p40-1q", false),
            gpu(13001, "grid_p40-2q", true),
        ]);
        let device = |ty: &str, unit: i64| DeviceModel { r#type: ty.into(), unit_number: unit.into() };
        let expected = HardwareStatusModel {
            cpu: Value::Known(ShareModel { total: 4.into(), reservation: 1000.into() }),
            memory: Value::Known(ShareModel { total: 2048.into(), reservation: 1024.into() }),
            vgpus: vec![
                VgpuModel { profile: "grid_p40-1q".into(), migration_type: "none".into() },
                VgpuModel { profile: "grid_p40-2q".into(), migration_type: "enhanced".into() },
            ]
            .into(),
            controllers: vec![
                ControllerModel {
                    r#type: "scsi".into(),
                    bus_number: 0.into(),
                    scsi_type: "pvscsi".into(),
                    sharing: "noSharing".into(),
                    device_key: 1000.into(),
                    devices: vec![device("disk", 0), device("disk", 1)].into(),
                },
                ControllerModel {
                    r#type: "ide".into(),
                    bus_number: 0.into(),
                    device_key: 200.into(),
                    devices: vec![device("cdrom", 0)].into(),
                    ..Default::default()
                },
            ]
            .into(),
        };
        assert_eq!(hardware(&vm), Value::Known(expected));
        assert_eq!(hardware(&Machine::default()), Value::Null);
    }

    /// The example of VM Operator: a volume of Kubernetes does not count, and of the disk its capacity does.
    #[test]
    fn storage_is_that_of_other_files_and_the_capacity_of_disks() {
        let file = |key: i32, ty: &str, gib: i64, unique: Option<i64>| VirtualMachineFileLayoutExFileInfo {
            key,
            r#type: ty.to_owned(),
            size: gib * GIB,
            unique_size: unique.map(|n| n * GIB),
            ..Default::default()
        };
        let chain = |key: i32, files: &[i32]| VirtualMachineFileLayoutExDiskLayout {
            key,
            chain: vec![VirtualMachineFileLayoutExDiskUnit { file_key: files.to_vec() }],
            ..Default::default()
        };
        let layout = VirtualMachineFileLayoutEx {
            file: vec![
                file(1, "snapshotMemory", 5, Some(5)),
                file(2, "log", 1, None),
                file(3, "diskDescriptor", 0, Some(0)),
                file(4, "diskExtent", 10, Some(1)),
                file(5, "diskExtent", 5, Some(5)),
            ],
            disk: vec![chain(2000, &[3, 4]), chain(2001, &[5])],
            ..Default::default()
        };
        let vm = Machine {
            layout: Some(Box::new(layout)),
            ..machine(vec![disk(2000, 1000, 0, 10, false), disk(2001, 1000, 1, 50, true)])
        };
        let expected = StorageUsageModel {
            other_used: (6 * GIB).into(),
            disks_used: GIB.into(),
            disks_requested: (10 * GIB).into(),
            total: (16 * GIB).into(),
        };
        assert_eq!(storage(&vm), Value::Known(expected));
        assert_eq!(storage(&machine(vec![])), Value::Null);
    }

    #[test]
    fn only_changes_of_the_hardware_make_its_status_unknown() {
        let prior = M {
            num_cpus: 1.into(),
            hardware_status: Value::Known(HardwareStatusModel::default()),
            storage_usage: Value::Known(StorageUsageModel::default()),
            ..M::default()
        };
        let disk = |label: &str, address: &str| DiskModel {
            label: label.into(),
            device_address: address.into(),
            ..Default::default()
        };
        let with = |disks: Vec<DiskModel>| M { disk: disks.into(), ..prior.clone() };
        let prior = with(vec![disk("data", "scsi:0:0")]);
        for (mut planned, cycles, hardware, storage) in [
            (M { annotation: "x".into(), ..prior.clone() }, false, false, false),
            (with(vec![disk("renamed", "scsi:0:0")]), false, false, false),
            (M { num_cpus: 2.into(), ..prior.clone() }, false, true, false),
            (M { scsi_bus_sharing: "physicalSharing".into(), ..prior.clone() }, false, true, false),
            (M { num_cpus: 2.into(), ..prior.clone() }, true, true, true),
            (M { memory: 2048.into(), ..prior.clone() }, false, true, true),
            (with(vec![disk("data", "scsi:0:0"), disk("more", "scsi:0:1")]), false, true, true),
            (with(vec![disk("data", "scsi:0:1")]), false, true, false),
            (
                with(vec![DiskModel { device_address: Value::Unknown, ..disk("data", "") }]),
                false,
                true,
                false,
            ),
            (M { power_state: "off".into(), ..prior.clone() }, false, false, true),
            (
                M { power_state: "off".into(), detach_volumes_on_power_off: true.into(), ..prior.clone() },
                false,
                true,
                true,
            ),
        ] {
            plan(&prior, &mut planned, cycles);
            let unknown = (planned.hardware_status.is_unknown(), planned.storage_usage.is_unknown());
            assert_eq!(unknown, (hardware, storage), "{planned:?}");
        }
    }
}
