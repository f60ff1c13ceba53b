//! Between the model, plain values and devices.
use super::super::model::status;
use super::super::model::{ControllerModel, DiskModel, VirtualMachineModel as M};
use super::controllers::{self, Sharing};
use super::planner::{Fate, Settings, Shares, There, Traits, Wanted};
use super::{address, own};
use crate::common::moid::{Datastore, MoId};
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Value};
use vsphere_client::MoRef;
use vsphere_client::device::{Address, Bus, ControllerType, Devices, Disk, DiskBacking};
use vsphere_client::vim::types::{
    SharesInfo, SharesLevel, StorageIOAllocationInfo, VirtualDevice, VirtualDeviceBackingInfoKind,
    VirtualDeviceFileBackingInfo, VirtualDisk, VirtualDiskFlatVer2BackingInfo,
    VirtualMachineDefinedProfileSpec, VirtualMachineProfileSpecKind, VirtualSCSISharing,
};

const GIB: i64 = 1 << 30;

/// The size in GiB, as it is reported: rounded up.
pub(super) fn gib(bytes: i64) -> i64 {
    bytes.div_euclid(GIB) + i64::from(bytes.rem_euclid(GIB) != 0)
}

/// The disks of a model; nothing while they are not known.
pub(super) fn disks(m: &M) -> &[DiskModel] {
    m.disk.known().map_or(&[], Vec::as_slice)
}

/// The address that a block declares; nothing where it is not known or makes no sense.
pub(super) fn declared_address(d: &DiskModel) -> Option<Address> {
    let bus = match &d.controller_type {
        Value::Known(name) if name.is_empty() => Bus::Scsi,
        Value::Known(name) => address::bus(name)?,
        Value::Null => Bus::Scsi,
        Value::Unknown => return None,
    };
    match (&d.controller_bus_number, &d.controller_unit_number) {
        (Value::Known(c), Value::Known(u)) => {
            Some(Address::new(bus, i32::try_from(*c).ok()?, i32::try_from(*u).ok()?))
        }
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        _ if d.unit_number.is_unknown() => None,
        _ => address::of_flat(bus, d.unit_number.get()),
    }
}

/// A path on its datastore, without the datastore's name and doubled slashes.
pub(super) fn plain_path(path: &str) -> Option<String> {
    let path = path.trim();
    let path = match path.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(path, |(_, path)| path),
        None => path,
    };
    let parts: Vec<&str> = path.trim().split('/').filter(|s| !s.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn text(v: &Value<String>) -> Option<String> {
    v.non_empty().cloned()
}

/// A size; 0 says nothing.
pub(super) fn size(v: &Value<i64>) -> Option<i64> {
    v.known().copied().filter(|n| *n > 0)
}

fn shares(level: &str, count: i64) -> Shares {
    match level {
        "low" => Shares::Low,
        "high" => Shares::High,
        "custom" => Shares::Custom(count),
        _ => Shares::Normal,
    }
}

/// What a block says of the use of a disk. States of the official provider have zeros where nothing was set.
fn settings(d: &DiskModel) -> Settings {
    Settings {
        mode: text(&d.disk_mode),
        sharing: text(&d.disk_sharing),
        write_through: d.write_through.known().copied(),
        limit: d.io_limit.known().copied().filter(|n| *n != 0),
        reservation: d.io_reservation.known().copied(),
        shares: text(&d.io_share_level).map(|level| shares(&level, d.io_share_count.get())),
        policy: text(&d.storage_policy_id),
    }
}

/// A declared disk. `uuid` where it is known which disk it is.
pub(super) fn wanted(d: &DiskModel, uuid: Option<String>) -> Wanted {
    let attached = d.attach.get();
    let traits = Traits {
        label: None,
        uuid,
        address: declared_address(d),
        gib: size(&d.size),
        file: if attached { text(&d.path).and_then(|p| plain_path(&p)) } else { None },
        attached,
    };
    Wanted { traits, settings: settings(d) }
}

/// The UUID in a state.
pub(super) fn uuid(d: &DiskModel) -> Option<String> {
    text(&d.uuid).map(|u| u.to_lowercase())
}

/// The address in a state: as it was seen, otherwise as it was declared.
pub(super) fn state_address(d: &DiskModel) -> Option<Address> {
    d.device_address.as_str().parse().ok().or_else(|| declared_address(d))
}

/// What becomes of a disk of a state that is no longer declared.
pub(super) fn fate(d: &DiskModel) -> Fate {
    if own::is_foreign_block(d) {
        Fate::Stays
    } else if d.attach.get() || d.keep_on_remove.get() {
        Fate::Detached
    } else {
        Fate::Deleted
    }
}

/// A disk of a state.
pub(super) fn of_state(d: &DiskModel) -> There {
    let traits = Traits {
        label: None,
        uuid: uuid(d),
        address: state_address(d),
        gib: size(&d.size),
        file: text(&d.path).and_then(|p| plain_path(&p)),
        attached: d.attach.get(),
    };
    There { traits, settings: settings(d), fate: fate(d) }
}

/// A disk of a machine; `state` is what the state says of it.
pub(super) fn of_device(at: Option<Address>, disk: &Disk<'_>, state: Option<&DiskModel>) -> There {
    let backing = disk.backing();
    let io = disk.device.storage_io_allocation.as_deref();
    let level = io.and_then(|io| io.shares.as_deref()).map(|s| shares(s.level.as_str(), i64::from(s.shares)));
    let settings = Settings {
        mode: backing.as_ref().and_then(|b| b.mode).filter(|m| !m.is_empty()).map(str::to_owned),
        sharing: backing.as_ref().and_then(|b| b.sharing).filter(|m| !m.is_empty()).map(str::to_owned),
        write_through: backing.as_ref().and_then(|b| b.write_through),
        limit: io.and_then(|io| io.limit),
        reservation: io.and_then(|io| io.reservation).map(i64::from),
        shares: level,
        policy: state.and_then(|d| text(&d.storage_policy_id)),
    };
    let traits = Traits {
        label: None,
        uuid: disk.uuid(),
        address: at,
        gib: Some(gib(disk.capacity())),
        file: backing.as_ref().and_then(|b| plain_path(own_file(b))),
        attached: state.is_some_and(|d| d.attach.get()),
    };
    let first_class = disk.first_class_id().is_some();
    let fate = match state {
        Some(_) if first_class => Fate::Stays,
        Some(d) => fate(d),
        None => Fate::Stays,
    };
    There { traits, settings, fate }
}

/// The file that the disk had before there were snapshots: the oldest of those that are in one folder. Of a linked clone
/// what is further up is the template's.
pub(super) fn own_file<'a>(backing: &DiskBacking<'a>) -> &'a str {
    let folder = |file: &str| file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let parents = backing.parents.iter().copied();
    parents.take_while(|file| folder(file) == folder(backing.file)).last().unwrap_or(backing.file)
}

fn allocation(d: &DiskModel) -> StorageIOAllocationInfo {
    let (level, count) = match settings(d).shares.unwrap_or(Shares::Normal) {
        Shares::Low => (SharesLevel::Low, 0),
        Shares::Normal => (SharesLevel::Normal, 0),
        Shares::High => (SharesLevel::High, 0),
        Shares::Custom(n) => (SharesLevel::Custom, n),
    };
    StorageIOAllocationInfo {
        limit: Some(settings(d).limit.unwrap_or(-1)),
        reservation: Some(i32::try_from(d.io_reservation.get()).unwrap_or(i32::MAX)),
        shares: Some(Box::new(SharesInfo { shares: i32::try_from(count).unwrap_or(i32::MAX), level })),
    }
}

/// The device of a new disk, or of one that is attached, on a controller. `file` is where its data is, or is to be.
pub(super) fn device(d: &DiskModel, controller: i32, unit: i32, file: String) -> VirtualDisk {
    let backing = VirtualDiskFlatVer2BackingInfo {
        base: VirtualDeviceFileBackingInfo { file_name: file, ..Default::default() },
        disk_mode: text(&d.disk_mode).unwrap_or_else(|| "persistent".to_owned()),
        write_through: Some(d.write_through.get()),
        // How an existing file takes its space is its own affair.
        thin_provisioned: (!d.attach.get()).then(|| d.thin_provisioned.known().copied().unwrap_or(true)),
        eagerly_scrub: (!d.attach.get()).then(|| d.eagerly_scrub.get()),
        sharing: text(&d.disk_sharing),
        ..Default::default()
    };
    let bytes = size(&d.size).unwrap_or_default().saturating_mul(GIB);
    VirtualDisk {
        base: VirtualDevice {
            controller_key: Some(controller),
            unit_number: Some(unit),
            backing: Some(Box::new(backing.into())),
            ..Default::default()
        },
        capacity_in_kb: bytes / 1024,
        capacity_in_bytes: (bytes > 0).then_some(bytes),
        storage_io_allocation: Some(Box::new(allocation(d))),
        ..Default::default()
    }
}

/// Gives a device its size, in GiB.
pub(in super::super) fn grow(device: &mut VirtualDisk, gib: i64) {
    let bytes = gib.saturating_mul(GIB);
    device.capacity_in_kb = bytes / 1024;
    device.capacity_in_bytes = Some(bytes);
}

/// Gives a device what its block says of its size and use; its address is left alone.
pub(super) fn edit(device: &mut VirtualDisk, d: &DiskModel, grows: bool, io: bool) {
    if grows {
        grow(device, size(&d.size).unwrap_or_default());
    }
    if io {
        device.storage_io_allocation = Some(Box::new(allocation(d)));
        // The same in an older form, which would speak against it.
        device.shares = None;
    }
    let settings = settings(d);
    use VirtualDeviceBackingInfoKind as B;
    let mode = |to: &mut String| {
        if let Some(mode) = &settings.mode {
            to.clone_from(mode);
        }
    };
    match device.base.backing.as_deref_mut() {
        Some(B::VirtualDiskFlatVer2BackingInfo(b)) => {
            mode(&mut b.disk_mode);
            b.write_through = settings.write_through.or(b.write_through);
            b.sharing = settings.sharing.or(b.sharing.take());
        }
        Some(B::VirtualDiskSeSparseBackingInfo(b)) => {
            mode(&mut b.disk_mode);
            b.write_through = settings.write_through.or(b.write_through);
        }
        Some(B::VirtualDiskRawDiskMappingVer1BackingInfo(b)) => {
            b.disk_mode = settings.mode.or(b.disk_mode.take());
            b.sharing = settings.sharing.or(b.sharing.take());
        }
        _ => {}
    }
}

/// The profile of a disk; nothing when none is declared.
pub(super) fn profile(d: &DiskModel) -> Vec<VirtualMachineProfileSpecKind> {
    let spec = |profile_id| VirtualMachineDefinedProfileSpec { profile_id, ..Default::default() }.into();
    text(&d.storage_policy_id).map(spec).into_iter().collect()
}

/// A datastore.
pub(super) fn datastore(id: &str) -> MoRef {
    MoId::<Datastore>::object(id)
}

/// What the machine declares of controllers. Nothing is said of a type or sharing that is `mixed`.
pub(super) fn wanted_controllers(m: &M) -> controllers::Wanted {
    let count = |v: &Value<i64>| i32::try_from(v.get()).unwrap_or_default();
    let counts = BTreeMap::from([
        (Bus::Scsi, count(&m.scsi_controller_count)),
        (Bus::Sata, count(&m.sata_controller_count)),
        (Bus::Nvme, count(&m.nvme_controller_count)),
        (Bus::Ide, 0),
    ]);
    let addresses = disks(m).iter().filter_map(declared_address);
    controllers::Wanted {
        counts,
        used: addresses.map(|a| (a.bus, a.controller)).collect(),
        own: blocks(m).iter().filter_map(|c| Some((block_place(c)?, block_declares(c)))).collect(),
        scsi: ControllerType::from_name(m.scsi_type.as_str()),
        sharing: sharing(m.scsi_bus_sharing.as_str()),
    }
}

/// The blocks of controllers.
pub(super) fn blocks(m: &M) -> &[ControllerModel] {
    m.controller.known().map_or(&[], Vec::as_slice)
}

/// Which controller a block is about; nothing while it is not known.
pub(super) fn block_place(c: &ControllerModel) -> Option<(Bus, i32)> {
    Some((address::bus(c.r#type.known()?)?, i32::try_from(*c.bus_number.known()?).ok()?))
}

/// The block of a controller, with its index.
pub(super) fn block_of(m: &M, bus: Bus, number: i32) -> Option<(usize, &ControllerModel)> {
    blocks(m).iter().enumerate().find(|(_, c)| block_place(c) == Some((bus, number)))
}

/// The attribute or block that is the reason for a change of a controller.
pub(super) fn reason(m: &M, change: &controllers::Change) -> AttributePath {
    let (bus, number) = change.place();
    match (block_of(m, bus, number), change) {
        (Some((i, _)), _) => M::CONTROLLER.index(i),
        (None, controllers::Change::Share { .. }) => M::SCSI_BUS_SHARING.into(),
        (None, controllers::Change::Replace { .. }) => M::SCSI_TYPE.into(),
        (None, controllers::Change::Add { .. }) => AttributePath::root(),
    }
}

fn block_declares(c: &ControllerModel) -> controllers::Declared {
    controllers::Declared {
        ty: ControllerType::from_name(c.scsi_type.as_str()),
        sharing: sharing(c.sharing.as_str()),
    }
}

/// The sharing of that name.
pub(super) fn sharing(name: &str) -> Option<Sharing> {
    match name {
        "noSharing" => Some(Sharing::None),
        "virtualSharing" => Some(Sharing::Virtual),
        "physicalSharing" => Some(Sharing::Physical),
        _ => None,
    }
}

/// The same on the wire.
pub(super) fn wire_sharing(sharing: Sharing) -> VirtualSCSISharing {
    match sharing {
        Sharing::None => VirtualSCSISharing::NoSharing,
        Sharing::Virtual => VirtualSCSISharing::VirtualSharing,
        Sharing::Physical => VirtualSCSISharing::PhysicalSharing,
    }
}

/// The controllers that a state reports, or else those that it declares.
pub(super) fn stated_controllers(m: &M) -> Vec<controllers::Present> {
    let one = |c: &status::ControllerModel| {
        let bus = address::bus(c.r#type.as_str())?;
        let ty = controllers::only_type(bus).or_else(|| ControllerType::from_name(c.scsi_type.as_str()))?;
        Some(controllers::Present {
            key: i32::try_from(c.device_key.get()).unwrap_or_default(),
            ty,
            number: i32::try_from(c.bus_number.get()).unwrap_or_default(),
            sharing: sharing(c.sharing.as_str()),
        })
    };
    // A state of an earlier version, or of the official provider, may not have them.
    let reported = m.hardware_status.known().and_then(|s| s.controllers.known());
    reported
        .and_then(|all| all.iter().map(one).collect())
        .unwrap_or_else(|| controllers::led_to(&wanted_controllers(m)))
}

/// The controllers of a machine.
pub(super) fn present_controllers(devices: &Devices) -> Vec<controllers::Present> {
    let plain = |c: vsphere_client::device::Controller| controllers::Present {
        key: c.key,
        ty: c.ty,
        number: c.number,
        sharing: c.sharing.and_then(|s| sharing(s.as_str())),
    };
    devices.controllers().into_iter().map(plain).collect()
}
