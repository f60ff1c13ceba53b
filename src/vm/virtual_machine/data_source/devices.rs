//! The devices of a virtual machine as the data source returns them. Pure.
use super::{DiskModel, Graphics, NicModel, VideoCardModel};
use tf_framework::Value;
use vsphere_client::device::{self, Bus, Connection, Devices, Nic};
use vsphere_client::vim::types::VirtualDeviceKind;

/// What controllers that differ have in common.
const MIXED: &str = "mixed";
/// What is said of controllers that are not there.
const UNKNOWN: &str = "unknown";
/// Bytes in a GiB.
const GIB: i64 = 1 << 30;

/// How many controllers of each bus are looked at, from number 0 on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    pub(super) scsi: i64,
    pub(super) sata: i64,
    pub(super) nvme: i64,
    pub(super) ide: i64,
}

impl Scan {
    fn of(self, bus: Bus) -> i64 {
        match bus {
            Bus::Scsi => self.scsi,
            Bus::Sata => self.sata,
            Bus::Nvme => self.nvme,
            Bus::Ide => self.ide,
            _ => 0,
        }
    }
}

/// What the SCSI controllers have in common: the type, and how virtual machines share their bus.
pub(super) fn scsi(devices: &Devices, count: i64) -> (String, String) {
    let found: Vec<Option<(String, String)>> = (0..i32::try_from(count).unwrap_or(0))
        .map(|number| {
            let c = devices.controller(Bus::Scsi, number)?;
            let sharing = c.sharing.as_ref().map_or("", |s| s.as_str());
            Some((c.ty.name().to_owned(), sharing.to_owned()))
        })
        .collect();
    let common = |of: fn(&(String, String)) -> &str| match found.first() {
        Some(Some(first)) if found.iter().all(|c| c.as_ref().is_some_and(|c| of(c) == of(first))) => {
            of(first).to_owned()
        }
        Some(Some(_)) => MIXED.to_owned(),
        _ => UNKNOWN.to_owned(),
    };
    (common(|c| &c.0), common(|c| &c.1))
}

/// The disks on the controllers that are looked at: by number of the controller, unit, and bus.
pub(super) fn disks(devices: &Devices, scan: Scan) -> Vec<DiskModel> {
    let mut found: Vec<_> = devices
        .disks()
        .into_iter()
        .filter_map(|(address, disk)| Some((address?, disk)))
        .filter(|(address, _)| i64::from(address.controller) < scan.of(address.bus))
        .collect();
    found.sort_by_key(|(a, _)| (a.controller, a.unit, a.bus));
    let disk = |(address, disk): (device::Address, device::Disk<'_>)| {
        let backing = disk.backing();
        let flag = |of: fn(&device::DiskBacking<'_>) -> Option<bool>| {
            Value::from(backing.as_ref().and_then(of).unwrap_or_default())
        };
        DiskModel {
            label: disk_label(&disk).into(),
            // A part of a GiB counts as one: a clone must not be smaller.
            size: (disk.capacity().saturating_add(GIB - 1) / GIB).into(),
            unit_number: i64::from(address.unit).into(),
            thin_provisioned: flag(|b| b.thin),
            eagerly_scrub: flag(|b| b.eagerly_scrub),
        }
    };
    found.into_iter().map(disk).collect()
}

fn disk_label(disk: &device::Disk<'_>) -> String {
    disk.device.device_info.as_deref().and_then(|i| i.base()).map(|i| i.label.clone()).unwrap_or_default()
}

/// The network interfaces by unit, which is the order in which a clone has them.
pub(super) fn nics(devices: &Devices) -> Vec<NicModel> {
    let mut found: Vec<(&VirtualDeviceKind, Nic<'_>)> =
        devices.iter().filter_map(|d| Some((d, Nic::of(d)?))).collect();
    found.sort_by_key(|(d, nic)| (device::unit_number(d), nic.key()));
    found.into_iter().map(|(d, nic)| nic_model(d, &nic)).collect()
}

fn nic_model(device: &VirtualDeviceKind, nic: &Nic<'_>) -> NicModel {
    let network = match nic.connection() {
        Some(Connection::Standard { network, .. }) => network.map(|n| n.id.to_string()),
        Some(Connection::Distributed { portgroup_key, .. }) => portgroup_key,
        Some(Connection::Opaque { id, .. }) => Some(id),
        _ => None,
    };
    let physical = match device {
        VirtualDeviceKind::VirtualSriovEthernetCard(card) => card
            .sriov_backing
            .as_deref()
            .and_then(|b| b.physical_function_backing.as_deref())
            .map(|b| b.id.clone()),
        _ => None,
    };
    let share = nic.card.resource_allocation.as_deref();
    NicModel {
        adapter_type: nic.ty.map_or(UNKNOWN, |ty| ty.name()).into(),
        bandwidth_limit: share.and_then(|s| s.limit).into(),
        bandwidth_reservation: share.and_then(|s| s.reservation).into(),
        bandwidth_share_level: share.map(|s| s.share.level.as_str().to_owned()).into(),
        bandwidth_share_count: share.map(|s| i64::from(s.share.shares)).into(),
        mac_address: nic.card.mac_address.clone().into(),
        network_id: network.unwrap_or_default().into(),
        physical_function: physical.unwrap_or_default().into(),
        external_port_id: nic.card.external_id.clone().unwrap_or_default().into(),
    }
}

/// The video card; a virtual machine has one.
pub(super) fn video_cards(devices: &Devices) -> Vec<VideoCardModel> {
    let cards = devices.iter().filter_map(|d| match d {
        VirtualDeviceKind::VirtualMachineVideoCard(card) => Some(card),
        _ => None,
    });
    let mib = |kib: Option<i64>| Value::from(kib.unwrap_or_default() / 1024);
    cards
        .map(|card| {
            let graphics = Graphics {
                memory: mib(card.graphics_memory_size_in_kb),
                renderer: card.use3d_renderer.clone().unwrap_or_default().into(),
            };
            let on = card.enable3_d_support.unwrap_or_default();
            VideoCardModel {
                num_displays: card.num_displays.map(i64::from).into(),
                total_video_memory: mib(card.video_ram_size_in_kb),
                graphics_3d: on.then_some(graphics).into_iter().collect::<Vec<_>>().into(),
            }
        })
        .collect()
}

/// Whether there is a trusted platform module.
pub(super) fn has_tpm(devices: &Devices) -> bool {
    devices.iter().any(|d| matches!(d, VirtualDeviceKind::VirtualTPM(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::device::{AdapterType, ControllerType, new_nic};
    use vsphere_client::vim::types::{
        VirtualDevice, VirtualDisk, VirtualDiskFlatVer2BackingInfo, VirtualMachineVideoCard,
        VirtualSCSISharing,
    };

    const SCAN: Scan = Scan { scsi: 1, sata: 0, nvme: 0, ide: 2 };

    fn controller(ty: ControllerType, key: i32, number: i32) -> VirtualDeviceKind {
        ty.device(key, number, VirtualSCSISharing::NoSharing)
    }

    fn disk(controller: i32, unit: i32, bytes: i64) -> VirtualDeviceKind {
        let backing = VirtualDiskFlatVer2BackingInfo { thin_provisioned: Some(true), ..Default::default() };
        VirtualDisk {
            base: VirtualDevice {
                key: 2000 + controller + unit,
                controller_key: Some(controller),
                unit_number: Some(unit),
                backing: Some(Box::new(backing.into())),
                ..Default::default()
            },
            capacity_in_bytes: Some(bytes),
            ..Default::default()
        }
        .into()
    }

    fn machine() -> Devices {
        Devices::new(vec![
            controller(ControllerType::Ide, 200, 0),
            controller(ControllerType::Ide, 201, 1),
            controller(ControllerType::ParaVirtual, 1000, 0),
            controller(ControllerType::LsiLogic, 1001, 1),
            controller(ControllerType::Ahci, 15000, 0),
            disk(1001, 0, GIB),
            disk(201, 0, 5 * GIB),
            disk(1000, 8, 2 * GIB + 1),
            disk(15000, 0, 7 * GIB),
            disk(1000, 0, GIB),
        ])
    }

    #[test]
    fn disks_come_by_number_of_controller_and_by_unit() {
        let sizes = |scan| {
            let found = disks(&machine(), scan);
            found.iter().map(|d| (d.size.get(), d.unit_number.get())).collect::<Vec<_>>()
        };
        assert_eq!(sizes(SCAN), [(1, 0), (3, 8), (5, 0)]);
        assert_eq!(sizes(Scan { scsi: 2, ..SCAN }), [(1, 0), (3, 8), (1, 0), (5, 0)]);
        assert_eq!(sizes(Scan { scsi: 0, sata: 1, ide: 0, nvme: 0 }), [(7, 0)]);
    }

    #[test]
    fn controllers_are_one_of_a_kind_mixed_or_not_there() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(scsi(&machine(), 1), pair("pvscsi", "noSharing"));
        assert_eq!(scsi(&machine(), 2), pair("mixed", "noSharing"));
        assert_eq!(scsi(&machine(), 3), pair("mixed", "mixed"));
        assert_eq!(scsi(&machine(), 0), pair("unknown", "unknown"));
        assert_eq!(scsi(&Devices::default(), 1), pair("unknown", "unknown"));
    }

    #[test]
    fn interfaces_come_by_unit() {
        let nic = |key, unit, id: &str| {
            let to = Connection::Opaque { id: id.to_owned(), ty: "nsx.LogicalSwitch".to_owned() };
            let mut device = new_nic(AdapterType::Vmxnet3, key, &to, Some("00:50:56:00:00:01"));
            device::device_mut(&mut device).unwrap().unit_number = Some(unit);
            device
        };
        let found = nics(&Devices::new(vec![nic(4001, 7, "a"), nic(4000, 8, "b")]));
        let ids: Vec<&str> = found.iter().map(|n| n.network_id.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(found[0].adapter_type, "vmxnet3".into());
    }

    #[test]
    fn a_video_card_is_reported_in_mib() {
        let card = VirtualMachineVideoCard {
            video_ram_size_in_kb: Some(8192),
            num_displays: Some(2),
            enable3_d_support: Some(true),
            use3d_renderer: Some("automatic".to_owned()),
            graphics_memory_size_in_kb: Some(262_144),
            ..Default::default()
        };
        let found = video_cards(&Devices::new(vec![card.into()]));
        assert_eq!(found[0].total_video_memory, 8.into());
        let graphics = found[0].graphics_3d.get();
        assert_eq!((graphics[0].memory.get(), graphics[0].renderer.as_str()), (256, "automatic"));
    }
}
