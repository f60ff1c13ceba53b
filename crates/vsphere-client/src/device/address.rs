//! Where a device hangs: bus, controller and unit, as `scsi:0:3`.

use std::fmt;
use std::str::FromStr;

/// A bus that disks and CD-ROM drives hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Bus {
    /// SCSI, of every controller type.
    Scsi,
    /// SATA (AHCI).
    Sata,
    /// NVMe.
    Nvme,
    /// IDE.
    Ide,
}

impl Bus {
    /// All of them.
    pub const ALL: [Bus; 4] = [Bus::Scsi, Bus::Sata, Bus::Nvme, Bus::Ide];

    /// `scsi`, `sata`, `nvme`, `ide`.
    pub fn name(self) -> &'static str {
        match self {
            Bus::Scsi => "scsi",
            Bus::Sata => "sata",
            Bus::Nvme => "nvme",
            Bus::Ide => "ide",
        }
    }

    /// How many controllers of the bus a virtual machine can have.
    pub fn controllers(self) -> i32 {
        match self {
            Bus::Ide => 2,
            _ => 4,
        }
    }

    /// The highest unit that any controller of the bus has, on any hardware version.
    pub fn highest_unit(self) -> i32 {
        match self {
            // 65 targets, one of which is the controller itself.
            Bus::Scsi => 64,
            Bus::Sata => 29,
            Bus::Nvme => 63,
            Bus::Ide => 1,
        }
    }
}

impl fmt::Display for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The unit of a SCSI bus that the controller itself has.
pub const SCSI_CONTROLLER_UNIT: i32 = 7;

/// Where a device hangs. In the order of buses, controllers and units.
///
/// ```
/// use vsphere_client::device::{Address, Bus};
/// let address: Address = "scsi:0:3".parse().unwrap();
/// assert_eq!(address, Address::new(Bus::Scsi, 0, 3));
/// assert_eq!(address.to_string(), "scsi:0:3");
/// assert!("scsi:0:7".parse::<Address>().unwrap_err().to_string().contains("itself"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The bus.
    pub bus: Bus,
    /// The number of the controller on its bus, from 0.
    pub controller: i32,
    /// The unit on the controller, from 0.
    pub unit: i32,
}

impl Address {
    /// An address; it is not checked.
    pub const fn new(bus: Bus, controller: i32, unit: i32) -> Self {
        Address { bus, controller, unit }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.bus, self.controller, self.unit)
    }
}

/// A text that is not an address, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadAddress {
    /// Not of the form `bus:controller:unit`.
    Form(String),
    /// No bus of that name.
    Bus(String),
    /// The bus has no controller of that number.
    Controller(Address),
    /// No controller of the bus has that unit.
    Unit(Address),
    /// The unit is the controller's own.
    Reserved(Address),
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadAddress::Form(text) => write!(f, "{text:?} is not bus:controller:unit, such as scsi:0:3"),
            BadAddress::Bus(text) => write!(f, "{text:?} is not a bus: scsi, sata, nvme or ide"),
            BadAddress::Controller(a) => {
                write!(f, "{a}: {} controllers are numbered 0 to {}", a.bus, a.bus.controllers() - 1)
            }
            BadAddress::Unit(a) => {
                write!(f, "{a}: units of {} controllers are 0 to {}", a.bus, a.bus.highest_unit())
            }
            BadAddress::Reserved(a) => {
                write!(f, "{a}: unit {SCSI_CONTROLLER_UNIT} is the SCSI controller itself")
            }
        }
    }
}

impl std::error::Error for BadAddress {}

impl FromStr for Address {
    type Err = BadAddress;

    /// Reads `bus:controller:unit`, within what any controller of the bus can have.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let form = || BadAddress::Form(text.to_owned());
        let mut parts = text.split(':');
        let (Some(bus), Some(controller), Some(unit), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(form());
        };
        let bus = Bus::ALL
            .into_iter()
            .find(|b| b.name().eq_ignore_ascii_case(bus))
            .ok_or_else(|| BadAddress::Bus(bus.to_owned()))?;
        let number = |text: &str| {
            // Digits alone: `+1` and ` 1` would come back in another form.
            if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
                text.parse::<i32>().map_err(|_| form())
            } else {
                Err(form())
            }
        };
        let address = Address { bus, controller: number(controller)?, unit: number(unit)? };
        if address.controller >= bus.controllers() {
            Err(BadAddress::Controller(address))
        } else if address.unit > bus.highest_unit() {
            Err(BadAddress::Unit(address))
        } else if bus == Bus::Scsi && address.unit == SCSI_CONTROLLER_UNIT {
            Err(BadAddress::Reserved(address))
        } else {
            Ok(address)
        }
    }
}
