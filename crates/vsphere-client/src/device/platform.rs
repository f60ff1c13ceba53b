//! What a machine has one of: its video card and its trusted platform module.

use std::ops::{Deref, DerefMut};

use vim_types::types::{VirtualDevice, VirtualDeviceKind, VirtualMachineVideoCard, VirtualTPM};

/// The key that vSphere gives to the video card of every machine.
const VIDEO_CARD: i32 = 500;

/// The video card of a machine, as a device to read and to change.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoCard(VirtualMachineVideoCard);

impl VideoCard {
    /// The device as a video card; nothing when it is none.
    pub fn of(device: &VirtualDeviceKind) -> Option<VideoCard> {
        match device {
            VirtualDeviceKind::VirtualMachineVideoCard(card) => Some(VideoCard((**card).clone())),
            _ => None,
        }
    }

    /// As a device again.
    pub fn into_device(self) -> VirtualDeviceKind {
        self.0.into()
    }
}

impl Deref for VideoCard {
    type Target = VirtualMachineVideoCard;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for VideoCard {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// A video card for a machine that is about to be made: vSphere makes one in any case, of the same key.
pub fn new_video_card() -> VideoCard {
    VideoCard(VirtualMachineVideoCard {
        base: VirtualDevice { key: VIDEO_CARD, ..Default::default() },
        ..Default::default()
    })
}

/// A new trusted platform module with a temporary key.
pub fn new_tpm(key: i32) -> VirtualDeviceKind {
    VirtualTPM { base: VirtualDevice { key, ..Default::default() }, ..Default::default() }.into()
}
