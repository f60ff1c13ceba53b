//! CD-ROM drives and what is in them.

use vim_types::types::{
    VirtualCdrom, VirtualCdromAtapiBackingInfo, VirtualCdromIsoBackingInfo,
    VirtualCdromPassthroughBackingInfo, VirtualCdromRemoteAtapiBackingInfo,
    VirtualCdromRemotePassthroughBackingInfo, VirtualDevice, VirtualDeviceBackingInfoKind,
    VirtualDeviceConnectInfo, VirtualDeviceDeviceBackingInfo, VirtualDeviceFileBackingInfo,
    VirtualDeviceKind, VirtualDeviceRemoteDeviceBackingInfo,
};
use vim_types::xml::MoRef;

/// What is in a CD-ROM drive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Medium {
    /// An image on a datastore.
    Iso {
        /// `[datastore] folder/file.iso`.
        file: String,
        /// The datastore; servers tell it, and find it by the file in requests.
        datastore: Option<MoRef>,
    },
    /// The drive of the client that has the console open.
    Client {
        /// Whether commands are passed through.
        passthrough: bool,
        /// The name of the drive; empty for any.
        device: String,
    },
    /// A drive of the host.
    Host {
        /// Whether commands are passed through.
        passthrough: bool,
        /// The name of the drive.
        device: String,
    },
    /// Anything else, by the name of its type; empty for nothing.
    Other(String),
}

impl Medium {
    /// The backing of a drive.
    pub fn of(backing: Option<&VirtualDeviceBackingInfoKind>) -> Medium {
        use VirtualDeviceBackingInfoKind as B;
        let client = |passthrough, b: &VirtualDeviceRemoteDeviceBackingInfo| Medium::Client {
            passthrough,
            device: b.device_name.clone(),
        };
        let host = |passthrough, b: &VirtualDeviceDeviceBackingInfo| Medium::Host {
            passthrough,
            device: b.device_name.clone(),
        };
        match backing {
            Some(B::VirtualCdromIsoBackingInfo(b)) => {
                Medium::Iso { file: b.file_name.clone(), datastore: b.datastore.clone() }
            }
            Some(B::VirtualCdromRemotePassthroughBackingInfo(b)) => client(true, b),
            Some(B::VirtualCdromRemoteAtapiBackingInfo(b)) => client(false, b),
            Some(B::VirtualCdromPassthroughBackingInfo(b)) => host(true, b),
            Some(B::VirtualCdromAtapiBackingInfo(b)) => host(false, b),
            Some(B::Unknown(tree)) => Medium::Other(tree.type_name.to_string()),
            _ => Medium::Other(String::new()),
        }
    }

    /// The medium as a backing for a request; nothing for [others](Medium::Other).
    pub fn backing(&self) -> Option<VirtualDeviceBackingInfoKind> {
        let remote = |device: &String| VirtualDeviceRemoteDeviceBackingInfo {
            device_name: device.clone(),
            use_auto_detect: Some(false),
            ..Default::default()
        };
        let local = |device: &String| VirtualDeviceDeviceBackingInfo {
            device_name: device.clone(),
            ..Default::default()
        };
        Some(match self {
            Medium::Iso { file, datastore } => VirtualCdromIsoBackingInfo {
                base: VirtualDeviceFileBackingInfo {
                    file_name: file.clone(),
                    datastore: datastore.clone(),
                    ..Default::default()
                },
            }
            .into(),
            Medium::Client { passthrough: true, device } => {
                VirtualCdromRemotePassthroughBackingInfo { base: remote(device), exclusive: false }.into()
            }
            Medium::Client { passthrough: false, device } => {
                VirtualCdromRemoteAtapiBackingInfo { base: remote(device) }.into()
            }
            Medium::Host { passthrough: true, device } => {
                VirtualCdromPassthroughBackingInfo { base: local(device), exclusive: false }.into()
            }
            Medium::Host { passthrough: false, device } => {
                VirtualCdromAtapiBackingInfo { base: local(device) }.into()
            }
            Medium::Other(_) => return None,
        })
    }
}

/// A CD-ROM drive of a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cdrom<'a> {
    /// The device.
    pub device: &'a VirtualCdrom,
}

impl<'a> Cdrom<'a> {
    /// The device as a CD-ROM drive; nothing when it is none.
    pub fn of(device: &'a VirtualDeviceKind) -> Option<Cdrom<'a>> {
        match device {
            VirtualDeviceKind::VirtualCdrom(device) => Some(Cdrom { device }),
            _ => None,
        }
    }

    /// The key.
    pub fn key(&self) -> i32 {
        self.device.key
    }

    /// What is in it.
    pub fn medium(&self) -> Medium {
        Medium::of(self.device.backing.as_deref())
    }
}

/// A new CD-ROM drive, connected when the machine starts if there is a medium of the server's side in it.
pub fn new_cdrom(key: i32, controller_key: i32, unit: i32, medium: &Medium) -> VirtualDeviceKind {
    let connected = !matches!(medium, Medium::Client { .. } | Medium::Other(_));
    VirtualCdrom {
        base: VirtualDevice {
            key,
            backing: medium.backing().map(Box::new),
            connectable: Some(Box::new(VirtualDeviceConnectInfo {
                start_connected: connected,
                allow_guest_control: true,
                connected,
                ..Default::default()
            })),
            controller_key: Some(controller_key),
            unit_number: Some(unit),
            ..Default::default()
        },
    }
    .into()
}
