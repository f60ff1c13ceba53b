//! What one creation, clone or reconfiguration does to the devices: each family adds its changes, and an error that
//! names a change by its number is led back to the block that asked for it.
use tf_framework::AttributePath;
use vsphere_client::device::{
    Bus, Controller, ControllerType, DeviceChanges, Devices, Files, HardwareVersion, blamed_change, key,
};
use vsphere_client::vim::types::{
    VirtualDeviceConfigSpec, VirtualDeviceKind, VirtualMachineProfileSpecKind, VirtualSCSISharing,
};
use vsphere_client::{Error, Fault};

/// The keys that vSphere gives to the two IDE controllers which every new machine gets.
const NEW_IDE: [i32; 2] = [200, 201];

/// Devices as they are, with the controllers that are planned, and what is to change.
#[derive(Debug, Clone)]
pub(super) struct Assembly {
    /// What is there, or is going to be: added controllers are in it with their temporary keys.
    pub(super) devices: Devices,
    /// The hardware version, which says how many units a controller has.
    pub(super) hardware: HardwareVersion,
    changes: DeviceChanges,
    about: Vec<(String, AttributePath)>,
}

/// Which block asked for each change.
#[derive(Debug, Clone, Default)]
pub(super) struct Blame(Vec<(String, AttributePath)>);

impl Assembly {
    /// Changes of a machine, or of a clone of it.
    pub(super) fn of(devices: Devices, hardware: HardwareVersion) -> Self {
        Self { devices, hardware, changes: DeviceChanges::default(), about: vec![] }
    }

    /// The devices of a new machine: vSphere gives it two IDE controllers by itself.
    pub(super) fn new_machine(hardware: HardwareVersion) -> Self {
        let ide = |(number, key): (i32, i32)| {
            ControllerType::Ide.device(key, number, VirtualSCSISharing::NoSharing)
        };
        let devices = (0..).zip(NEW_IDE).map(ide).collect();
        Self::of(Devices::new(devices), hardware)
    }

    /// Adds a device; a controller can be found by [`controller`](Self::controller) from then on. `about` is a few
    /// words, such as `the disk "data" (scsi:0:1)`.
    pub(super) fn add(&mut self, at: AttributePath, about: String, device: VirtualDeviceKind) -> i32 {
        let text = self.note(at, about);
        let mut with_key = device;
        if key(&with_key) == 0
            && let Some(d) = vsphere_client::device::device_mut(&mut with_key)
        {
            d.key = self.changes.temporary_key();
        }
        self.devices.push(with_key.clone());
        self.changes.add(text, with_key)
    }

    /// Adds a disk and makes its file.
    pub(super) fn create(&mut self, at: AttributePath, about: String, device: VirtualDeviceKind) -> i32 {
        let text = self.note(at, about);
        let mut with_key = device;
        if key(&with_key) == 0
            && let Some(d) = vsphere_client::device::device_mut(&mut with_key)
        {
            d.key = self.changes.temporary_key();
        }
        self.devices.push(with_key.clone());
        self.changes.create(text, with_key)
    }

    /// Changes a device, which is named by its key.
    pub(super) fn edit(&mut self, at: AttributePath, about: String, device: VirtualDeviceKind) {
        let text = self.note(at, about);
        self.changes.edit(text, device);
    }

    /// Removes a device, which is named by its key.
    pub(super) fn remove(
        &mut self,
        at: AttributePath,
        about: String,
        device: VirtualDeviceKind,
        files: Files,
    ) {
        let text = self.note(at, about);
        let removed = key(&device);
        let left = std::mem::take(&mut self.devices).into_inner();
        self.devices = Devices::new(left.into_iter().filter(|d| key(d) != removed).collect());
        self.changes.remove(text, device, files);
    }

    /// Gives the last change storage policies.
    pub(super) fn with_profiles(&mut self, profiles: Vec<VirtualMachineProfileSpecKind>) {
        self.changes.with_profiles(profiles);
    }

    /// A controller that is there, or is going to be.
    pub(super) fn controller(&self, bus: Bus, number: i32) -> Option<Controller> {
        self.devices.controller(bus, number)
    }

    /// Whether nothing changes.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes in the order in which they are sent, and which block asked for each.
    pub(super) fn finish(self) -> (Vec<VirtualDeviceConfigSpec>, Blame) {
        let (specs, order) = self.changes.finish();
        let path = |text: &str| self.about.iter().find(|(t, _)| t == text).map(|(_, p)| p.clone());
        let blame = order
            .into_iter()
            .map(|text| {
                let at = path(&text).unwrap_or_else(AttributePath::root);
                (text, at)
            })
            .collect();
        (specs, Blame(blame))
    }

    fn note(&mut self, at: AttributePath, about: String) -> String {
        self.about.push((about.clone(), at));
        about
    }
}

impl Blame {
    /// Leaves out the changes that are not sent.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        let mut all = keep.iter();
        self.0.retain(|_| all.next().copied().unwrap_or_default());
    }

    /// The block that a fault is about, and its words.
    pub(super) fn of(&self, fault: &Fault) -> Option<(&AttributePath, &str)> {
        self.0.get(blamed_change(fault)?).map(|(text, at)| (at, text.as_str()))
    }

    /// The same for an error of a call or task.
    pub(super) fn of_error(&self, error: &Error) -> Option<(&AttributePath, &str)> {
        self.of(error.fault()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::device::{Medium, new_cdrom};

    #[test]
    fn a_change_is_led_back_to_its_block_in_the_order_in_which_it_is_sent() {
        let mut assembly = Assembly::new_machine(HardwareVersion(19));
        let ide = assembly.controller(Bus::Ide, 1).map(|c| c.key);
        assert_eq!(ide, Some(201));
        let drive = new_cdrom(0, 201, 0, &Medium::Client { passthrough: true, device: String::new() });
        assembly.add(AttributePath::root().name("cdrom").index(0), "the drive".to_owned(), drive);
        let controller = ControllerType::ParaVirtual.device(0, 0, VirtualSCSISharing::NoSharing);
        assembly.add(AttributePath::root().name("scsi_type"), "the controller".to_owned(), controller);
        assert!(assembly.controller(Bus::Scsi, 0).is_some_and(|c| c.key < 0));
        let (specs, blame) = assembly.finish();
        assert_eq!(specs.len(), 2);
        let texts: Vec<_> = blame.0.iter().map(|(t, at)| (t.as_str(), at.to_string())).collect();
        assert_eq!(texts, [("the controller", "scsi_type".to_owned()), ("the drive", "cdrom[0]".to_owned())]);
    }
}
