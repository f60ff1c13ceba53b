//! Addresses of disks: the flat `unit_number`, which counts over all controllers of a bus, and bus, controller and unit.
use vsphere_client::device::{Address, Bus, SCSI_CONTROLLER_UNIT};

/// How many numbers of `unit_number` a controller of the bus takes.
pub(super) fn flat_units(bus: Bus) -> i64 {
    match bus {
        Bus::Sata => 30,
        Bus::Ide => 2,
        // Also those that have more: the numbering is older than they are.
        _ => 15,
    }
}

/// The bus of that name.
pub(super) fn bus(name: &str) -> Option<Bus> {
    Bus::ALL.into_iter().find(|bus| bus.name() == name)
}

/// The address that a `unit_number` stands for; nothing beyond the controllers that the bus can have.
pub(super) fn of_flat(bus: Bus, number: i64) -> Option<Address> {
    let controller = i32::try_from(number.div_euclid(flat_units(bus))).ok()?;
    let unit = i32::try_from(number.rem_euclid(flat_units(bus))).ok()?;
    // The SCSI controller has a unit itself, which is not counted.
    let unit = unit + i32::from(bus == Bus::Scsi && unit >= SCSI_CONTROLLER_UNIT);
    (0..bus.controllers()).contains(&controller).then(|| Address::new(bus, controller, unit))
}

/// The `unit_number` of an address; nothing for units that it cannot tell.
pub(super) fn to_flat(address: Address) -> Option<i64> {
    let own = i32::from(address.bus == Bus::Scsi && address.unit > SCSI_CONTROLLER_UNIT);
    let unit = i64::from(address.unit - own);
    (unit < flat_units(address.bus)).then(|| i64::from(address.controller) * flat_units(address.bus) + unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_count_over_the_controllers() {
        for (bus, number, expected) in [
            (Bus::Scsi, 0, Some("scsi:0:0")),
            (Bus::Scsi, 6, Some("scsi:0:6")),
            (Bus::Scsi, 7, Some("scsi:0:8")),
            (Bus::Scsi, 14, Some("scsi:0:15")),
            (Bus::Scsi, 15, Some("scsi:1:0")),
            (Bus::Scsi, 22, Some("scsi:1:8")),
            (Bus::Scsi, 59, Some("scsi:3:15")),
            (Bus::Scsi, 60, None),
            (Bus::Scsi, -1, None),
            (Bus::Sata, 29, Some("sata:0:29")),
            (Bus::Sata, 30, Some("sata:1:0")),
            (Bus::Sata, 7, Some("sata:0:7")),
            (Bus::Sata, 120, None),
            (Bus::Nvme, 7, Some("nvme:0:7")),
            (Bus::Nvme, 15, Some("nvme:1:0")),
            (Bus::Ide, 1, Some("ide:0:1")),
            (Bus::Ide, 3, Some("ide:1:1")),
            (Bus::Ide, 4, None),
        ] {
            let address = of_flat(bus, number).map(|a| a.to_string());
            assert_eq!(address.as_deref(), expected, "{bus} {number}");
        }
        assert_eq!(to_flat(Address::new(Bus::Scsi, 0, 16)), None);
        assert_eq!(to_flat(Address::new(Bus::Nvme, 1, 15)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn there_and_back(bus in proptest::sample::select(Bus::ALL.to_vec()), number in 0_i64..130) {
            if let Some(address) = of_flat(bus, number) {
                prop_assert_eq!(to_flat(address), Some(number));
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
        }
    }
}
