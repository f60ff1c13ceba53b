//! At which address a disk is attached. Pure.
use std::fmt;
use vsphere_client::device::{Address, Bus, Devices, HardwareVersion, SCSI_CONTROLLER_UNIT};

/// The buses in the order in which they are looked at for a free unit: an IDE disk cannot be added to a machine that is on.
const ORDER: [Bus; 4] = [Bus::Scsi, Bus::Nvme, Bus::Sata, Bus::Ide];

/// What a configuration says of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    pub(super) bus: Option<Bus>,
    pub(super) controller: Option<i32>,
    pub(super) unit: Option<i32>,
}

/// The part of the address that a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Bus,
    Controller,
    Unit,
}

/// Why there is no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoAddress {
    pub(super) part: Part,
    pub(super) summary: String,
    pub(super) detail: String,
}

impl NoAddress {
    fn new(part: Part, summary: impl fmt::Display, detail: impl fmt::Display) -> Self {
        Self { part, summary: summary.to_string(), detail: detail.to_string() }
    }
}

impl Wanted {
    /// Whether any virtual machine can have such an address.
    pub(super) fn check(&self) -> Result<(), NoAddress> {
        let bus = self.bus.unwrap_or(Bus::Scsi);
        if let Some(number) = self.controller
            && !(0..bus.controllers()).contains(&number)
        {
            let detail = format!("{bus} controllers are numbered 0 to {}.", bus.controllers() - 1);
            return Err(NoAddress::new(
                Part::Controller,
                format!("There can be no {bus} controller {number}"),
                detail,
            ));
        }
        match self.unit {
            Some(SCSI_CONTROLLER_UNIT) if bus == Bus::Scsi => Err(NoAddress::new(
                Part::Unit,
                "Unit 7 of a SCSI bus is the controller itself",
                "Choose another unit, or leave it out to get a free one.",
            )),
            Some(unit) if !(0..=bus.highest_unit()).contains(&unit) => Err(NoAddress::new(
                Part::Unit,
                format!("There is no unit {unit} on {bus} controllers"),
                format!("Units of {bus} controllers are 0 to {}.", bus.highest_unit()),
            )),
            _ => Ok(()),
        }
    }

    /// The address to attach at, and the key of its controller.
    pub(super) fn choose(
        &self,
        devices: &Devices,
        hardware: HardwareVersion,
    ) -> Result<(i32, Address), NoAddress> {
        self.check()?;
        let all = devices.controllers();
        let listed =
            || all.iter().map(|c| format!("{}:{}", c.ty.bus(), c.number)).collect::<Vec<_>>().join(", ");
        let fitting = |bus: Bus| {
            let number = self.controller;
            all.iter().filter(move |c| c.ty.bus() == bus && number.is_none_or(|n| n == c.number))
        };
        let buses: Vec<Bus> = ORDER.into_iter().filter(|b| self.bus.is_none_or(|w| w == *b)).collect();
        // A number without a bus is one of the first bus that has it.
        let mut candidates = buses.iter().flat_map(|b| fitting(*b)).peekable();
        if candidates.peek().is_none() {
            let (part, what) = match (self.bus, self.controller) {
                (Some(bus), Some(n)) => (Part::Controller, format!("{bus} controller {n}")),
                (Some(bus), None) => (Part::Bus, format!("{bus} controller")),
                (None, Some(n)) => (Part::Controller, format!("controller {n}")),
                (None, None) => (Part::Bus, "controller for disks".to_owned()),
            };
            let detail = format!(
                "It has the controllers {}. An attachment adds none: add it to the virtual machine first.",
                if all.is_empty() { "of no bus".to_owned() } else { listed() }
            );
            return Err(NoAddress::new(part, format!("The virtual machine has no {what}"), detail));
        }
        let mut first = None;
        for controller in candidates {
            let free = devices.free_units(controller, hardware);
            first = first.or(Some(controller));
            let found = free.into_iter().find(|a| self.unit.is_none_or(|u| u == a.unit));
            if let Some(address) = found {
                return Ok((controller.key, address));
            }
        }
        match (self.unit, first) {
            (Some(unit), Some(c)) => {
                let address = Address::new(c.ty.bus(), c.number, unit);
                Err(match devices.at(address) {
                    Some(device) => NoAddress::new(
                        Part::Unit,
                        format!("The address {address} is taken"),
                        format!(
                            "There is {}. Choose another unit, or leave it out to get a free one.",
                            devices.describe(device)
                        ),
                    ),
                    None => NoAddress::new(
                        Part::Unit,
                        format!("There is no unit {unit} on the controller {}:{}", c.ty.bus(), c.number),
                        format!(
                            "It is of type {}, and the virtual machine of version {hardware}: fewer units.",
                            c.ty
                        ),
                    ),
                })
            }
            _ => Err(NoAddress::new(
                Part::Controller,
                "No unit is free",
                format!("All units are taken of the controllers that were looked at, of {}.", listed()),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vsphere_client::device::ControllerType;
    use vsphere_client::vim::types::{VirtualDevice, VirtualDeviceKind, VirtualDisk, VirtualSCSISharing};

    const NEW: HardwareVersion = HardwareVersion(21);

    fn controller(ty: ControllerType, number: i32) -> VirtualDeviceKind {
        let base = match ty.bus() {
            Bus::Ide => 200,
            Bus::Scsi => 1000,
            Bus::Sata => 15000,
            _ => 31000,
        };
        ty.device(base + number, number, VirtualSCSISharing::NoSharing)
    }

    fn disk(controller: i32, unit: i32) -> VirtualDeviceKind {
        let base = VirtualDevice {
            key: 100_000 + controller * 100 + unit,
            controller_key: Some(controller),
            unit_number: Some(unit),
            ..Default::default()
        };
        VirtualDisk { base, ..Default::default() }.into()
    }

    fn machine(more: &[VirtualDeviceKind]) -> Devices {
        let mut all = vec![
            controller(ControllerType::Ide, 0),
            controller(ControllerType::ParaVirtual, 0),
            controller(ControllerType::LsiLogic, 1),
            controller(ControllerType::Ahci, 0),
        ];
        all.extend_from_slice(more);
        Devices::new(all)
    }

    fn wanted(text: &str) -> Wanted {
        let mut parts = text.split(':').map(|p| (!p.is_empty()).then_some(p));
        let bus = parts.next().flatten().map(|b| Bus::ALL.into_iter().find(|x| x.name() == b).unwrap());
        let mut number = || parts.next().flatten().map(|n| n.parse().unwrap());
        Wanted { bus, controller: number(), unit: number() }
    }

    #[test]
    fn a_free_unit_is_found_where_none_is_said() {
        let vm = machine(&[disk(1000, 0), disk(1000, 1), disk(1001, 0)]);
        for (text, address) in [
            ("", "scsi:0:2"),
            ("scsi", "scsi:0:2"),
            ("scsi:1", "scsi:1:1"),
            (":1", "scsi:1:1"),
            ("scsi:0:8", "scsi:0:8"),
            ("scsi::0", "none"),
            ("sata", "sata:0:0"),
            ("ide:0:1", "ide:0:1"),
        ] {
            let found = wanted(text).choose(&vm, NEW).map(|(_, a)| a.to_string());
            assert_eq!(found.unwrap_or_else(|_| "none".to_owned()), address, "{text:?}");
        }
        // The first controller is full, and the unit of the controller itself is never taken.
        let units: Vec<_> = (0..65).filter(|u| *u != 7).map(|u| disk(1000, u)).collect();
        assert_eq!(wanted("").choose(&machine(&units), NEW).unwrap().1.to_string(), "scsi:1:0");
        let six: Vec<_> = (0..7).map(|u| disk(1000, u)).collect();
        assert_eq!(wanted("").choose(&machine(&six), NEW).unwrap().1.to_string(), "scsi:0:8");
    }

    #[test]
    fn impossible_addresses_are_reported() {
        let vm = machine(&[disk(1000, 3)]);
        for (text, part, why) in [
            ("scsi:0:3", Part::Unit, "The address scsi:0:3 is taken"),
            ("scsi:0:7", Part::Unit, "the controller itself"),
            ("scsi:0:65", Part::Unit, "no unit 65"),
            ("scsi:1:20", Part::Unit, "no unit 20 on the controller scsi:1"),
            ("scsi:2", Part::Controller, "no scsi controller 2"),
            ("scsi:4", Part::Controller, "can be no scsi controller 4"),
            ("ide:2", Part::Controller, "can be no ide controller 2"),
            ("nvme", Part::Bus, "no nvme controller"),
            (":3", Part::Controller, "no controller 3"),
        ] {
            let e = wanted(text).choose(&vm, NEW).unwrap_err();
            assert!(e.part == part && e.summary.contains(why), "{text}: {e:?}");
        }
        let ide: Vec<_> = (0..2).map(|u| disk(200, u)).collect();
        assert_eq!(wanted("ide").choose(&machine(&ide), NEW).unwrap_err().summary, "No unit is free");
        let none = wanted("").choose(&Devices::default(), NEW).unwrap_err();
        assert!(none.summary.contains("no controller for disks"), "{none:?}");
        // Old hardware has fewer units.
        assert!(wanted("scsi:0:40").choose(&vm, HardwareVersion(13)).is_err());
        assert!(wanted("scsi:0:40").choose(&vm, NEW).is_ok());
    }

    proptest! {
        /// One after the other, all get addresses of their own, as long as there are any.
        #[test]
        fn no_address_is_given_twice(taken in proptest::collection::btree_set((0..4_usize, 0..70_i32), 0..40)) {
            let keys = [200, 1000, 1001, 15000];
            let before: Vec<_> = taken.iter().map(|(c, u)| disk(keys[*c], *u)).collect();
            let mut vm = machine(&before);
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..200 {
                let Ok((key, address)) = Wanted::default().choose(&vm, NEW) else { break };
                prop_assert!(vm.at(address).is_none() && seen.insert(address));
                prop_assert!(address.bus != Bus::Scsi || address.unit != SCSI_CONTROLLER_UNIT);
                prop_assert_eq!(vm.controller(address.bus, address.controller).unwrap().key, key);
                vm.push(disk(key, address.unit));
            }
            // 64 of pvscsi, 15 of lsilogic, 30 of SATA, 2 of IDE.
            let real = |(c, u): &&(usize, i32)| match c {
                0 => *u < 2,
                1 => *u < 65 && *u != 7,
                2 => *u < 16 && *u != 7,
                _ => *u < 30,
            };
            prop_assert_eq!(seen.len() + taken.iter().filter(real).count(), 64 + 15 + 30 + 2);
        }
    }
}
