//! Changes of devices: what is added, edited and removed in one reconfiguration.

use vim_types::types::{
    VirtualDeviceConfigSpec, VirtualDeviceConfigSpecFileOperation as FileOperation,
    VirtualDeviceConfigSpecOperation as Operation, VirtualDeviceKind, VirtualMachineProfileSpecKind,
};

use super::{Controller, key, set_key};
use crate::error::{Fault, FaultKind};

/// What becomes of a disk's files when the disk is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// They stay where they are.
    Keep,
    /// They are deleted, for good.
    Destroy,
}

/// Collects changes of devices, each with a word about what it is for, so that an error can name it.
///
/// ```
/// use vsphere_client::device::{ControllerType, DeviceChanges};
/// use vsphere_client::vim::types::VirtualSCSISharing;
/// let mut changes = DeviceChanges::default();
/// let key = changes.temporary_key();
/// let controller = ControllerType::ParaVirtual.device(key, 0, VirtualSCSISharing::NoSharing);
/// assert_eq!(changes.add("controller scsi:0", controller), key);
/// let (specs, about) = changes.finish();
/// assert_eq!((specs.len(), about[0].as_str()), (1, "controller scsi:0"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceChanges {
    entries: Vec<(VirtualDeviceConfigSpec, String)>,
    last_key: i32,
}

impl DeviceChanges {
    /// A key for a device that does not exist yet: negative, never the same twice.
    pub fn temporary_key(&mut self) -> i32 {
        self.last_key -= 1;
        self.last_key
    }

    /// Adds a device (a disk: with the files that its backing names, which exist). Returns its key, which is
    /// made up when it has none.
    pub fn add(&mut self, about: impl Into<String>, device: VirtualDeviceKind) -> i32 {
        self.push(about, Operation::Add, None, device)
    }

    /// Adds a disk and creates its files. Returns its key, which is made up when it has none.
    pub fn create(&mut self, about: impl Into<String>, device: VirtualDeviceKind) -> i32 {
        self.push(about, Operation::Add, Some(FileOperation::Create), device)
    }

    /// Changes a device, which is named by its key.
    pub fn edit(&mut self, about: impl Into<String>, device: VirtualDeviceKind) {
        self.push(about, Operation::Edit, None, device);
    }

    /// Removes a device, which is named by its key.
    pub fn remove(&mut self, about: impl Into<String>, device: VirtualDeviceKind, files: Files) {
        let operation = (files == Files::Destroy).then_some(FileOperation::Destroy);
        self.push(about, Operation::Remove, operation, device);
    }

    /// Gives the last change storage policies.
    pub fn with_profiles(&mut self, profiles: Vec<VirtualMachineProfileSpecKind>) -> &mut Self {
        if let Some((spec, _)) = self.entries.last_mut() {
            spec.profile = profiles;
        }
        self
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The changes in the order in which they are to be sent, and what each of them is about. What is removed
    /// comes first, so that its address is free; controllers come before what is hung on them, be it new or moved
    /// there by an edit, and go after it.
    pub fn finish(mut self) -> (Vec<VirtualDeviceConfigSpec>, Vec<String>) {
        self.entries.sort_by_key(|(spec, _)| {
            let controller = Controller::of(&spec.device).is_some();
            match (&spec.operation, controller) {
                (Some(Operation::Remove), false) => 0,
                (Some(Operation::Remove), true) => 1,
                (Some(Operation::Add), true) => 2,
                (Some(Operation::Edit), _) => 3,
                (_, _) => 4,
            }
        });
        self.entries.into_iter().unzip()
    }

    fn push(
        &mut self,
        about: impl Into<String>,
        operation: Operation,
        file_operation: Option<FileOperation>,
        mut device: VirtualDeviceKind,
    ) -> i32 {
        if operation == Operation::Add && key(&device) == 0 {
            let key = self.temporary_key();
            set_key(&mut device, key);
        }
        let key = key(&device);
        // A key that the caller made up must not come again.
        self.last_key = self.last_key.min(key);
        let spec = VirtualDeviceConfigSpec {
            operation: Some(operation),
            file_operation,
            device,
            ..Default::default()
        };
        self.entries.push((spec, about.into()));
        key
    }
}

/// Which of the device changes of a request a fault is about, counted from 0: by `deviceIndex`, by the
/// property that was refused (`deviceChange[2].device…`), or by the message (`device '2'`).
pub fn blamed_change(fault: &Fault) -> Option<usize> {
    if let Some(index) = fault.detail.text_of("deviceIndex") {
        return index.trim().parse().ok();
    }
    let property = match &fault.kind {
        FaultKind::InvalidArgument { property } => property.as_deref(),
        _ => fault.detail.text_of("property"),
    };
    let between = |text: &str, before: &str, after: char| {
        let rest = &text[text.find(before)? + before.len()..];
        rest.get(..rest.find(after)?)?.parse().ok()
    };
    property
        .and_then(|p| between(p, "deviceChange[", ']'))
        .or_else(|| between(&fault.message, "device '", '\''))
}
