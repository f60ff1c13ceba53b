//! Controllers: what types there are, and which units they have.

use std::fmt;
use std::str::FromStr;

use vim_types::types::{
    ParaVirtualSCSIController, VirtualAHCIController, VirtualBusLogicController, VirtualController,
    VirtualDevice, VirtualDeviceKind, VirtualIDEController, VirtualLsiLogicController,
    VirtualLsiLogicSASController, VirtualNVMEController, VirtualSATAController, VirtualSCSIController,
    VirtualSCSISharing,
};

use super::address::{Bus, SCSI_CONTROLLER_UNIT};

/// A virtual hardware version (`vmx-19`), ordered.
///
/// ```
/// use vsphere_client::device::HardwareVersion;
/// let version: HardwareVersion = "vmx-19".parse().unwrap();
/// assert!(version > HardwareVersion(14));
/// assert_eq!(version.to_string(), "vmx-19");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HardwareVersion(pub u32);

impl fmt::Display for HardwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vmx-{:02}", self.0)
    }
}

impl FromStr for HardwareVersion {
    type Err = std::num::ParseIntError;

    /// Reads `vmx-19` and `19`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim_start_matches("vmx-").parse().map(HardwareVersion)
    }
}

/// A type of controller that disks or CD-ROM drives hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ControllerType {
    /// VMware's paravirtual SCSI.
    ParaVirtual,
    /// LSI Logic parallel SCSI.
    LsiLogic,
    /// LSI Logic SAS.
    LsiLogicSas,
    /// BusLogic parallel SCSI.
    BusLogic,
    /// SATA.
    Ahci,
    /// NVMe; from hardware version 13 on.
    Nvme,
    /// IDE.
    Ide,
}

impl ControllerType {
    /// `pvscsi`, `lsilogic`, `lsilogic-sas`, `buslogic`, `ahci`, `nvme`, `ide`.
    pub fn name(self) -> &'static str {
        match self {
            ControllerType::ParaVirtual => "pvscsi",
            ControllerType::LsiLogic => "lsilogic",
            ControllerType::LsiLogicSas => "lsilogic-sas",
            ControllerType::BusLogic => "buslogic",
            ControllerType::Ahci => "ahci",
            ControllerType::Nvme => "nvme",
            ControllerType::Ide => "ide",
        }
    }

    /// All of them.
    pub const ALL: [ControllerType; 7] = [
        ControllerType::ParaVirtual,
        ControllerType::LsiLogic,
        ControllerType::LsiLogicSas,
        ControllerType::BusLogic,
        ControllerType::Ahci,
        ControllerType::Nvme,
        ControllerType::Ide,
    ];

    /// The type of that [`name`](ControllerType::name).
    pub fn from_name(name: &str) -> Option<ControllerType> {
        ControllerType::ALL.into_iter().find(|t| t.name() == name)
    }

    /// The bus.
    pub fn bus(self) -> Bus {
        match self {
            ControllerType::Ahci => Bus::Sata,
            ControllerType::Nvme => Bus::Nvme,
            ControllerType::Ide => Bus::Ide,
            _ => Bus::Scsi,
        }
    }

    /// The units that devices may have, in order. A paravirtual SCSI controller has 64 from hardware version
    /// 14 on (vSphere 6.7), an NVMe controller from 21 on (8.0 U2); both 15 before.
    pub fn units(self, hardware: HardwareVersion) -> impl Iterator<Item = i32> + Clone {
        let count = match self {
            ControllerType::ParaVirtual if hardware >= HardwareVersion(14) => 65,
            ControllerType::Ahci => 30,
            ControllerType::Nvme if hardware >= HardwareVersion(21) => 64,
            ControllerType::Nvme => 15,
            ControllerType::Ide => 2,
            _ => 16,
        };
        let scsi = self.bus() == Bus::Scsi;
        (0..count).filter(move |unit| !scsi || *unit != SCSI_CONTROLLER_UNIT)
    }

    /// A new controller of the type. Its key is temporary: negative, and not used twice in one change.
    /// `sharing` is for SCSI and NVMe; of NVMe it is sent only where it is shared, because vSphere knows it from 8.0 U2 on.
    pub fn device(self, key: i32, bus_number: i32, sharing: VirtualSCSISharing) -> VirtualDeviceKind {
        let controller = VirtualController {
            base: VirtualDevice { key, ..Default::default() },
            bus_number,
            ..Default::default()
        };
        let shared_bus = (sharing != VirtualSCSISharing::NoSharing).then(|| sharing.as_str().to_owned());
        let scsi = |base| VirtualSCSIController {
            base,
            shared_bus: sharing,
            hot_add_remove: Some(true),
            scsi_ctlr_unit_number: Some(SCSI_CONTROLLER_UNIT),
        };
        match self {
            ControllerType::ParaVirtual => ParaVirtualSCSIController { base: scsi(controller) }.into(),
            ControllerType::LsiLogic => VirtualLsiLogicController { base: scsi(controller) }.into(),
            ControllerType::LsiLogicSas => VirtualLsiLogicSASController { base: scsi(controller) }.into(),
            ControllerType::BusLogic => VirtualBusLogicController { base: scsi(controller) }.into(),
            ControllerType::Ahci => {
                VirtualAHCIController { base: VirtualSATAController { base: controller } }.into()
            }
            ControllerType::Nvme => VirtualNVMEController { base: controller, shared_bus }.into(),
            ControllerType::Ide => VirtualIDEController { base: controller }.into(),
        }
    }
}

impl fmt::Display for ControllerType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A controller of a virtual machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Controller {
    /// Its key; negative while it is only planned.
    pub key: i32,
    /// Its type.
    pub ty: ControllerType,
    /// Its number on its bus.
    pub number: i32,
    /// Whether virtual machines share a SCSI bus, or an NVMe one that says so; nothing for other buses.
    pub sharing: Option<VirtualSCSISharing>,
}

impl Controller {
    /// The device as a controller; nothing when it is none that disks hang on.
    pub fn of(device: &VirtualDeviceKind) -> Option<Controller> {
        use VirtualDeviceKind as D;
        let scsi = |ty, d: &VirtualSCSIController| Controller {
            key: d.key,
            ty,
            number: d.bus_number,
            sharing: Some(d.shared_bus.clone()),
        };
        let plain =
            |ty, d: &VirtualController| Controller { key: d.key, ty, number: d.bus_number, sharing: None };
        Some(match device {
            D::ParaVirtualSCSIController(d) => scsi(ControllerType::ParaVirtual, d),
            D::VirtualLsiLogicController(d) => scsi(ControllerType::LsiLogic, d),
            D::VirtualLsiLogicSASController(d) => scsi(ControllerType::LsiLogicSas, d),
            D::VirtualBusLogicController(d) => scsi(ControllerType::BusLogic, d),
            D::VirtualAHCIController(d) => plain(ControllerType::Ahci, d),
            D::VirtualNVMEController(d) => Controller {
                sharing: d.shared_bus.as_deref().and_then(|shared| {
                    [VirtualSCSISharing::NoSharing, VirtualSCSISharing::PhysicalSharing]
                        .into_iter()
                        .find(|s| s.as_str() == shared)
                }),
                ..plain(ControllerType::Nvme, d)
            },
            D::VirtualIDEController(d) => plain(ControllerType::Ide, d),
            _ => return None,
        })
    }
}
