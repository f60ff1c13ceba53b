//! Devices of virtual machines as plain values: what hangs where, what is free, what is whose, and what changes.
//! Nothing here talks to a server.
//!
//! Devices of types that are not generated (serial ports, USB, sound, …) stay as trees; they are counted where
//! they take an address, and sent back as they came.
//!
//! ```
//! use vsphere_client::device::{Address, Bus, ControllerType, Devices, HardwareVersion};
//! use vsphere_client::vim::types::VirtualSCSISharing;
//! let devices = Devices::new(vec![ControllerType::ParaVirtual.device(1000, 0, VirtualSCSISharing::NoSharing)]);
//! let free = devices.free_addresses(Bus::Scsi, HardwareVersion(13));
//! assert_eq!(free.len(), 15);
//! assert_eq!(free[7], Address::new(Bus::Scsi, 0, 8));
//! ```

mod address;
mod cdrom;
mod change;
mod controller;
mod disk;
mod nic;
mod path;
mod pci;
mod platform;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use vim_types::types::{Description, VirtualDevice, VirtualDeviceBackingInfoKind, VirtualDeviceKind};

pub use address::{Address, BadAddress, Bus, SCSI_CONTROLLER_UNIT};
pub use cdrom::{Cdrom, Medium, new_cdrom};
pub use change::{DeviceChanges, Files, blamed_change};
pub use controller::{Controller, ControllerType, HardwareVersion};
pub use disk::{Disk, DiskBacking, DiskFormat, ForeignSign};
pub use nic::{
    AdapterType, Connection, Nic, ethernet_mut, new_nic, physical_function, set_physical_function,
};
pub use path::{DatastorePath, NotADatastorePath};
pub use pci::Passthrough;
pub use platform::{VideoCard, new_tpm, new_video_card};

/// Hands the names of all generated types of devices to a macro.
macro_rules! known {
    ($then:ident) => {
        $then!(
            VirtualDevice ParaVirtualSCSIController VirtualAHCIController VirtualBusLogicController VirtualCdrom
            VirtualController VirtualDisk VirtualE1000 VirtualE1000e VirtualEthernetCard VirtualIDEController
            VirtualLsiLogicController VirtualLsiLogicSASController VirtualMachineVideoCard VirtualNVMEController
            VirtualPCIController VirtualPCIPassthrough VirtualPCNet32 VirtualSATAController VirtualSCSIController
            VirtualSriovEthernetCard VirtualTPM VirtualVmxnet VirtualVmxnet2 VirtualVmxnet3 VirtualVmxnet3Vrdma
        )
    };
}

/// The key of a device: unique in its virtual machine; negative while it is only planned, 0 when it has none.
pub fn key(device: &VirtualDeviceKind) -> i32 {
    match device {
        VirtualDeviceKind::Unknown(tree) => number(tree.text_of("key")).unwrap_or_default(),
        known => known.base().map_or(0, |d| d.key),
    }
}

/// The key of the controller that a device hangs on.
pub fn controller_key(device: &VirtualDeviceKind) -> Option<i32> {
    match device {
        VirtualDeviceKind::Unknown(tree) => number(tree.text_of("controllerKey")),
        known => known.base().and_then(|d| d.controller_key),
    }
}

/// The unit that a device has on its controller.
pub fn unit_number(device: &VirtualDeviceKind) -> Option<i32> {
    match device {
        VirtualDeviceKind::Unknown(tree) => number(tree.text_of("unitNumber")),
        known => known.base().and_then(|d| d.unit_number),
    }
}

/// What the user interface calls a device (`Hard disk 1`); empty when it has no name. Names follow from the
/// order of devices, so they identify nothing.
pub fn label(device: &VirtualDeviceKind) -> &str {
    match device {
        VirtualDeviceKind::Unknown(tree) => {
            tree.child("deviceInfo").and_then(|info| info.text_of("label")).unwrap_or_default()
        }
        known => known
            .base()
            .and_then(|d| d.device_info.as_deref()?.base())
            .map_or("", |info: &Description| info.label.as_str()),
    }
}

/// The backing of a device; `None` for devices without one, and for those of types that are not generated.
pub fn backing(device: &VirtualDeviceKind) -> Option<&VirtualDeviceBackingInfoKind> {
    device.base()?.backing.as_deref()
}

/// The name of a device's type on the wire (`VirtualDisk`, …).
pub fn type_name(device: &VirtualDeviceKind) -> &str {
    use vim_types::xml::WriteObject;
    macro_rules! names {
        ($($variant:ident)*) => {
            match device {
                $(VirtualDeviceKind::$variant(d) => d.type_name(),)*
                VirtualDeviceKind::Unknown(tree) => &tree.type_name,
                _ => "VirtualDevice",
            }
        };
    }
    known!(names)
}

/// What all devices have, to be changed; nothing for types that are not generated.
pub fn device_mut(device: &mut VirtualDeviceKind) -> Option<&mut VirtualDevice> {
    macro_rules! bases {
        ($($variant:ident)*) => {
            match device {
                $(VirtualDeviceKind::$variant(d) => Some(d),)*
                _ => None,
            }
        };
    }
    known!(bases)
}

fn set_key(device: &mut VirtualDeviceKind, key: i32) {
    if let Some(device) = device_mut(device) {
        device.key = key;
    }
}

fn number(text: Option<&str>) -> Option<i32> {
    text?.trim().parse().ok()
}

/// The devices of a virtual machine, in the server's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Devices(Vec<VirtualDeviceKind>);

impl Devices {
    /// The devices as they came (`config.hardware.device`).
    pub fn new(devices: Vec<VirtualDeviceKind>) -> Self {
        Devices(devices)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, VirtualDeviceKind> {
        self.0.iter()
    }

    /// The devices as they came.
    pub fn into_inner(self) -> Vec<VirtualDeviceKind> {
        self.0
    }

    /// One more.
    pub fn push(&mut self, device: VirtualDeviceKind) {
        self.0.push(device);
    }

    /// The device of that key.
    pub fn by_key(&self, wanted: i32) -> Option<&VirtualDeviceKind> {
        self.0.iter().find(|d| key(d) == wanted)
    }

    /// The controllers that disks hang on, by bus and number.
    pub fn controllers(&self) -> Vec<Controller> {
        let mut found: Vec<Controller> = self.0.iter().filter_map(Controller::of).collect();
        found.sort_by_key(|c| (c.ty.bus(), c.number));
        found
    }

    /// The controller of that number on that bus.
    pub fn controller(&self, bus: Bus, number: i32) -> Option<Controller> {
        self.0.iter().filter_map(Controller::of).find(|c| c.ty.bus() == bus && c.number == number)
    }

    /// The lowest number that no controller of the bus has; nothing when there are as many as there can be.
    pub fn free_controller(&self, bus: Bus) -> Option<i32> {
        (0..bus.controllers()).find(|number| self.controller(bus, *number).is_none())
    }

    /// Where a device hangs; nothing when it hangs on none of the buses.
    pub fn address(&self, device: &VirtualDeviceKind) -> Option<Address> {
        let controller = Controller::of(self.by_key(controller_key(device)?)?)?;
        Some(Address::new(controller.ty.bus(), controller.number, unit_number(device)?))
    }

    /// What hangs at an address.
    pub fn at(&self, address: Address) -> Option<&VirtualDeviceKind> {
        let controller = self.controller(address.bus, address.controller)?;
        self.0
            .iter()
            .find(|d| controller_key(d) == Some(controller.key) && unit_number(d) == Some(address.unit))
    }

    /// The addresses of the bus that are free on the controllers that exist, in order.
    pub fn free_addresses(&self, bus: Bus, hardware: HardwareVersion) -> Vec<Address> {
        let controllers = self.controllers().into_iter().filter(|c| c.ty.bus() == bus);
        controllers.flat_map(|c| self.free_units(&c, hardware)).collect()
    }

    /// The addresses that are free on a controller, in order.
    pub fn free_units(&self, controller: &Controller, hardware: HardwareVersion) -> Vec<Address> {
        let taken: BTreeSet<i32> = self
            .0
            .iter()
            .filter(|d| controller_key(d) == Some(controller.key))
            .filter_map(unit_number)
            .collect();
        controller
            .ty
            .units(hardware)
            .filter(|unit| !taken.contains(unit))
            .map(|unit| Address::new(controller.ty.bus(), controller.number, unit))
            .collect()
    }

    /// The disks with their addresses, in the order of addresses; those that have none come last.
    pub fn disks(&self) -> Vec<(Option<Address>, Disk<'_>)> {
        self.addressed(Disk::of)
    }

    /// The CD-ROM drives with their addresses, in the order of addresses; those that have none come last.
    pub fn cdroms(&self) -> Vec<(Option<Address>, Cdrom<'_>)> {
        self.addressed(Cdrom::of)
    }

    fn addressed<'a, T>(
        &'a self,
        of: impl Fn(&'a VirtualDeviceKind) -> Option<T>,
    ) -> Vec<(Option<Address>, T)> {
        let mut found: Vec<_> =
            self.0.iter().filter_map(|d| Some(((self.address(d), key(d)), of(d)?))).collect();
        found.sort_by_key(|((address, key), _)| (address.is_none(), *address, *key));
        found.into_iter().map(|((address, _), item)| (address, item)).collect()
    }

    /// The network interfaces by key: the order in which they were made, which is the order that the guest
    /// sees as long as none was replaced.
    pub fn nics(&self) -> Vec<Nic<'_>> {
        let mut nics: Vec<Nic<'_>> = self.0.iter().filter_map(Nic::of).collect();
        nics.sort_by_key(Nic::key);
        nics
    }

    /// Where a device hangs, on whatever bus, as `bus:controller:unit`: also what hangs on the PCI bus, such as network
    /// interfaces (`pci:0:7`). Nothing when its controller is of another kind.
    pub fn address_text(&self, device: &VirtualDeviceKind) -> Option<String> {
        if let Some(address) = self.address(device) {
            return Some(address.to_string());
        }
        match self.by_key(controller_key(device)?)? {
            VirtualDeviceKind::VirtualPCIController(pci) => {
                Some(format!("pci:{}:{}", pci.bus_number, unit_number(device)?))
            }
            _ => None,
        }
    }

    /// A device in words, for messages: its kind, address and backing.
    pub fn describe(&self, device: &VirtualDeviceKind) -> String {
        let place = |address: Option<Address>| address.map_or_else(String::new, |a| format!(" at {a}"));
        if let Some(disk) = Disk::of(device) {
            let file = disk.backing().map(|b| b.file).filter(|f| !f.is_empty());
            let file = file.map_or_else(String::new, |f| format!(" ({f})"));
            return format!("the disk{}{file}", place(self.address(device)));
        }
        if let Some(nic) = Nic::of(device) {
            let to = match nic.connection() {
                Some(Connection::Standard { name, .. }) => format!(" to {name:?}"),
                Some(Connection::Distributed { portgroup_key: Some(key), .. }) => format!(" to {key}"),
                Some(Connection::Opaque { id, .. }) => format!(" to {id}"),
                _ => String::new(),
            };
            let mac = nic.mac().map_or_else(String::new, |mac| format!(" {mac}"));
            return format!("the network interface{mac}{to}");
        }
        if let Some(cdrom) = Cdrom::of(device) {
            let medium = match cdrom.medium() {
                Medium::Iso { file, .. } => format!(" ({file})"),
                _ => String::new(),
            };
            return format!("the CD-ROM drive{}{medium}", place(self.address(device)));
        }
        if let Some(controller) = Controller::of(device) {
            return format!("the controller {}:{}", controller.ty.bus(), controller.number);
        }
        match label(device) {
            "" => format!("the device {} ({})", key(device), type_name(device)),
            label => format!("the device {label:?}"),
        }
    }

    /// The disk of that UUID, in whatever case.
    pub fn disk_by_uuid(&self, uuid: &str) -> Option<Disk<'_>> {
        let uuid = uuid.to_lowercase();
        self.0.iter().filter_map(Disk::of).find(|d| d.uuid().as_deref() == Some(&uuid))
    }

    /// The network interface of that MAC address, in whatever case.
    pub fn nic_by_mac(&self, mac: &str) -> Option<Nic<'_>> {
        let mac = mac.to_lowercase();
        self.0.iter().filter_map(Nic::of).find(|n| n.mac().as_deref() == Some(&mac))
    }
}

impl<'a> IntoIterator for &'a Devices {
    type Item = &'a VirtualDeviceKind;
    type IntoIter = std::slice::Iter<'a, VirtualDeviceKind>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<VirtualDeviceKind> for Devices {
    fn from_iter<I: IntoIterator<Item = VirtualDeviceKind>>(devices: I) -> Self {
        Devices(devices.into_iter().collect())
    }
}
