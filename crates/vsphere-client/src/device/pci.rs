//! Devices of the host that are passed through: whole ones, shares of a graphics card, and any that fits.

use vim_types::types::{
    VirtualDevice, VirtualDeviceBackingInfoKind, VirtualDeviceDeviceBackingInfo, VirtualDeviceKind,
    VirtualPCIPassthrough, VirtualPCIPassthroughAllowedDevice, VirtualPCIPassthroughDeviceBackingInfo,
    VirtualPCIPassthroughDynamicBackingInfo, VirtualPCIPassthroughVmiopBackingInfo,
};

/// What is passed through.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Passthrough {
    /// One device of one host.
    Device {
        /// Its address on the host (`0000:3b:00.0`).
        id: String,
        /// The device id of its maker, hexadecimal.
        device_id: String,
        /// The host, as the devices of virtual machines name it.
        system_id: String,
        /// The number of its maker, as the wire has it: signed.
        vendor_id: i16,
    },
    /// Any device of these kinds, of whatever host the machine runs on; from API 7.0 on.
    Dynamic {
        /// The kinds.
        allowed: Vec<VirtualPCIPassthroughAllowedDevice>,
        /// The label that the device must have.
        label: Option<String>,
        /// The one that was picked.
        assigned: Option<String>,
    },
    /// A share of a graphics card, by its profile (`grid_v100-4q`).
    SharedGraphics(String),
    /// Anything else, by the name of its type; empty for nothing.
    Other(String),
}

impl Passthrough {
    /// The device as one that is passed through; nothing when it is none.
    pub fn of(device: &VirtualDeviceKind) -> Option<Passthrough> {
        use VirtualDeviceBackingInfoKind as B;
        let VirtualDeviceKind::VirtualPCIPassthrough(device) = device else { return None };
        Some(match device.backing.as_deref() {
            Some(B::VirtualPCIPassthroughDeviceBackingInfo(b)) => Passthrough::Device {
                id: b.id.clone(),
                device_id: b.device_id.clone(),
                system_id: b.system_id.clone(),
                vendor_id: b.vendor_id,
            },
            Some(B::VirtualPCIPassthroughDynamicBackingInfo(b)) => Passthrough::Dynamic {
                allowed: b.allowed_device.clone(),
                label: b.custom_label.clone().filter(|l| !l.is_empty()),
                assigned: b.assigned_id.clone().filter(|a| !a.is_empty()),
            },
            Some(B::VirtualPCIPassthroughVmiopBackingInfo(b)) => {
                Passthrough::SharedGraphics(b.vgpu.clone().unwrap_or_default())
            }
            Some(B::Unknown(tree)) => Passthrough::Other(tree.type_name.to_string()),
            _ => Passthrough::Other(String::new()),
        })
    }

    /// A new device with a temporary key; nothing for [others](Passthrough::Other).
    pub fn device(&self, key: i32) -> Option<VirtualDeviceKind> {
        let backing: VirtualDeviceBackingInfoKind = match self {
            Passthrough::Device { id, device_id, system_id, vendor_id } => {
                VirtualPCIPassthroughDeviceBackingInfo {
                    base: VirtualDeviceDeviceBackingInfo::default(),
                    id: id.clone(),
                    device_id: device_id.clone(),
                    system_id: system_id.clone(),
                    vendor_id: *vendor_id,
                }
                .into()
            }
            Passthrough::Dynamic { allowed, label, .. } => VirtualPCIPassthroughDynamicBackingInfo {
                allowed_device: allowed.clone(),
                custom_label: label.clone(),
                ..Default::default()
            }
            .into(),
            Passthrough::SharedGraphics(profile) => {
                VirtualPCIPassthroughVmiopBackingInfo { vgpu: Some(profile.clone()), ..Default::default() }
                    .into()
            }
            Passthrough::Other(_) => return None,
        };
        let base = VirtualDevice { key, backing: Some(Box::new(backing)), ..Default::default() };
        Some(VirtualPCIPassthrough { base }.into())
    }
}
