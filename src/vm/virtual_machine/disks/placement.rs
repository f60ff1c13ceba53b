//! Addresses of disks that do not declare one, or only a part of it.
//!
//! A disk that exists keeps its address. A new one gets the first that is free, on the first controller that it can be on: VM
//! Operator places volumes in the same way ("Volume Placement" of its `VirtualMachine` documentation).
use super::super::model::{DiskModel, VirtualMachineModel as M};
use super::convert::{self, declared_address, disks, state_address};
use super::{address, application, observe};
use std::collections::BTreeSet;
use tf_framework::{Diagnostics, Value};
use vsphere_client::device::{Address, Bus};

/// What a block says of its address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ask {
    /// All, or it is not known yet.
    Declared(Option<Address>),
    /// The bus, and perhaps the number of the controller.
    On { bus: Bus, controller: Option<i32> },
}

/// What a block says of its address.
pub(super) fn ask(c: &DiskModel) -> Ask {
    let bus = match &c.controller_type {
        Value::Unknown => return Ask::Declared(None),
        known => address::bus(known.as_str()).unwrap_or(Bus::Scsi),
    };
    match (&c.controller_bus_number, &c.controller_unit_number, &c.unit_number) {
        (Value::Null, Value::Null, Value::Null) => Ask::On { bus, controller: None },
        (Value::Known(n), Value::Null, _) => Ask::On { bus, controller: i32::try_from(*n).ok() },
        _ => Ask::Declared(declared_address(c)),
    }
}

/// A block, the address of its disk if that exists, and the controllers that it can be on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seat {
    pub(super) ask: Ask,
    pub(super) kept: Option<Address>,
    pub(super) controllers: BTreeSet<i32>,
}

impl Seat {
    fn takes(&self, at: Address) -> bool {
        match self.ask {
            Ask::Declared(_) => false,
            Ask::On { bus, controller } => {
                at.bus == bus
                    && controller.is_none_or(|n| n == at.controller)
                    && self.controllers.contains(&at.controller)
            }
        }
    }
}

/// The addresses of disks, in the order of their blocks: nothing for one that declares its own, or if none is free. `taken` is
/// what is not a disk.
pub(super) fn place(seats: &[Seat], taken: &BTreeSet<Address>) -> Vec<Option<Address>> {
    let mut taken = taken.clone();
    taken.extend(seats.iter().filter_map(|s| if let Ask::Declared(at) = s.ask { at } else { None }));
    let mut out = vec![None; seats.len()];
    for (to, seat) in out.iter_mut().zip(seats) {
        *to = seat.kept.filter(|at| seat.takes(*at) && taken.insert(*at));
    }
    for (to, seat) in out.iter_mut().zip(seats) {
        if let (None, Ask::On { bus, .. }) = (&to, seat.ask) {
            let all = i64::from(bus.controllers()) * address::flat_units(bus);
            let mut free = (0..all).filter_map(|n| address::of_flat(bus, n));
            *to = free.find(|at| seat.takes(*at) && taken.insert(*at));
        }
    }
    out
}

/// The controllers that a disk can be on: all, but for an application only those that are shared as it needs.
fn controllers(prior: Option<&M>, config: &M, c: &DiskModel, bus: Bus) -> BTreeSet<i32> {
    let needs = c.application_type.known().and_then(|name| application::of(name));
    let fits = |n: &i32| {
        needs.is_none_or(|needs| {
            application::shared(prior, config, *n).is_none_or(|is| convert::sharing(needs.bus) == Some(is))
        })
    };
    (0..bus.controllers()).filter(fits).collect()
}

/// Puts the addresses of disks that do not declare one into a plan.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let (Some(blocks), Value::Known(list)) = (config.disk.known(), &mut planned.disk) else { return out };
    if list.len() != blocks.len() {
        return out;
    }
    let asks: Vec<Ask> = blocks.iter().map(ask).collect();
    if asks.iter().all(|a| matches!(a, Ask::Declared(_))) {
        return out;
    }
    let past = prior.map_or(&[][..], disks);
    let imported = prior.is_some_and(|p| p.imported.get());
    let named = |label: &Value<String>| {
        let same = |(i, d): &(usize, &DiskModel)| {
            d.label == *label && !(imported && observe::is_made_up(d.label.as_str(), *i))
        };
        past.iter().enumerate().find(same).map(|(_, d)| d)
    };
    // What an import has found has no name yet: its disks are declared in their order.
    let declared: BTreeSet<Address> = (asks.iter())
        .filter_map(|a| if let Ask::Declared(at) = a { *at } else { None })
        .chain(blocks.iter().filter_map(|c| state_address(named(&c.label)?)))
        .collect();
    let mut nameless = (past.iter().filter(|_| imported))
        .filter_map(state_address)
        .filter(|at| !declared.contains(at))
        .collect::<Vec<_>>()
        .into_iter();
    let seats: Vec<Seat> = (blocks.iter().zip(&asks))
        .map(|(c, ask)| match ask {
            Ask::Declared(_) => Seat { ask: *ask, kept: None, controllers: BTreeSet::new() },
            Ask::On { bus, .. } => Seat {
                ask: *ask,
                kept: named(&c.label).map_or_else(|| nameless.next(), state_address),
                controllers: controllers(prior, config, c, *bus),
            },
        })
        .collect();
    let drives = prior.and_then(|p| p.cdrom.known()).into_iter().flatten();
    let drives = drives.filter_map(|d| d.device_address.as_str().parse().ok()).collect();
    for (i, at) in place(&seats, &drives).into_iter().enumerate() {
        let d = &mut list[i];
        match (seats[i].ask, at) {
            (Ask::Declared(_), _) => {}
            (Ask::On { controller: None, .. }, Some(at)) => match address::to_flat(at) {
                Some(number) => d.unit_number = number.into(),
                None => {
                    d.controller_bus_number = i64::from(at.controller).into();
                    d.controller_unit_number = i64::from(at.unit).into();
                }
            },
            (Ask::On { .. }, Some(at)) => d.controller_unit_number = i64::from(at.unit).into(),
            (Ask::On { bus, .. }, None) => {
                let detail = match blocks[i].application_type.known() {
                    Some(name) => format!(
                        "A disk of {name} requires a SCSI controller with the sharing mode {:?} and a free unit. Add such a \
                         `controller` block.",
                        application::of(name).map_or("", |needs| needs.bus)
                    ),
                    None => format!("The {bus} controllers that the disk can be on do not have a free unit."),
                };
                let field = match seats[i].ask {
                    Ask::On { controller: Some(_), .. } => DiskModel::CONTROLLER_UNIT_NUMBER,
                    _ => DiskModel::UNIT_NUMBER,
                };
                let path = M::DISK.index(i).field(field);
                out.merge(Diagnostics::error(path, "No address is free for a disk", detail));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn on(bus: Bus, controller: Option<i32>, kept: &str) -> Seat {
        let kept = (!kept.is_empty()).then(|| at(kept));
        Seat { ask: Ask::On { bus, controller }, kept, controllers: (0..4).collect() }
    }

    fn any(kept: &str) -> Seat {
        on(Bus::Scsi, None, kept)
    }

    fn fixed(text: &str) -> Seat {
        Seat { ask: Ask::Declared(Some(at(text))), kept: None, controllers: BTreeSet::new() }
    }

    fn placed(seats: &[Seat], taken: &[&str]) -> Vec<String> {
        let taken = taken.iter().map(|t| at(t)).collect();
        let text = |a: Option<Address>| a.map_or_else(String::new, |a| a.to_string());
        place(seats, &taken).into_iter().map(text).collect()
    }

    #[test]
    fn new_disks_get_the_first_free_addresses() {
        assert_eq!(placed(&[any(""), any(""), any("")], &[]), ["scsi:0:0", "scsi:0:1", "scsi:0:2"]);
        assert_eq!(placed(&[any(""), fixed("scsi:0:0"), any("")], &[]), ["scsi:0:1", "", "scsi:0:2"]);
        assert_eq!(placed(&[on(Bus::Sata, None, ""), any("")], &["sata:0:0"]), ["sata:0:1", "scsi:0:0"]);
        assert_eq!(placed(&[on(Bus::Scsi, Some(2), ""), any("")], &[]), ["scsi:2:0", "scsi:0:0"]);
    }

    #[test]
    fn the_unit_of_the_controller_is_skipped_and_the_next_controller_follows() {
        let all: Vec<Seat> = (0..17).map(|_| any("")).collect();
        let found = placed(&all, &[]);
        assert_eq!(
            [&*found[6], &*found[7], &*found[14], &*found[15]],
            ["scsi:0:6", "scsi:0:8", "scsi:0:15", "scsi:1:0"]
        );
        let full: Vec<Seat> = (0..61).map(|_| any("")).collect();
        assert_eq!(placed(&full, &[])[60], "");
    }

    #[test]
    fn a_disk_keeps_its_address_whatever_is_before_it() {
        assert_eq!(placed(&[any(""), any("scsi:0:0")], &[]), ["scsi:0:1", "scsi:0:0"]);
        assert_eq!(placed(&[any("scsi:0:3")], &[]), ["scsi:0:3"]);
        // It is declared for another disk now, or another controller is.
        assert_eq!(placed(&[any("scsi:0:0"), fixed("scsi:0:0")], &[]), ["scsi:0:1", ""]);
        assert_eq!(placed(&[on(Bus::Scsi, Some(1), "scsi:0:4")], &[]), ["scsi:1:0"]);
        assert_eq!(placed(&[on(Bus::Nvme, None, "scsi:0:4")], &[]), ["nvme:0:0"]);
    }

    #[test]
    fn a_disk_is_only_on_controllers_that_suit_it() {
        let shared = Seat { controllers: [1].into(), ..any("") };
        assert_eq!(placed(&[shared.clone(), any("")], &[]), ["scsi:1:0", "scsi:0:0"]);
        let nowhere = Seat { controllers: BTreeSet::new(), ..any("") };
        assert_eq!(placed(&[nowhere], &[]), [""]);
        assert_eq!(placed(&[Seat { kept: Some(at("scsi:0:2")), ..shared }], &[]), ["scsi:1:0"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_two_disks_have_one_address_and_a_second_plan_moves_none(
            asked in proptest::collection::vec((0_i64..20, proptest::option::of(0_i32..4), 0..3_u8), 1..12)
        ) {
            let mut used = BTreeSet::new();
            let mut seats: Vec<Seat> = vec![];
            for (n, controller, kind) in asked {
                let declared = address::of_flat(Bus::Scsi, n).filter(|at| kind == 0 && used.insert(*at));
                seats.push(match declared {
                    Some(at) => Seat { ask: Ask::Declared(Some(at)), kept: None, controllers: BTreeSet::new() },
                    None => on(Bus::Scsi, controller, ""),
                });
            }
            let first = place(&seats, &BTreeSet::new());
            for at in first.iter().flatten() {
                prop_assert!(used.insert(*at), "{at} is used twice");
            }
            let again: Vec<Seat> = seats.iter().zip(&first).map(|(s, at)| Seat { kept: *at, ..s.clone() }).collect();
            prop_assert_eq!(&place(&again, &BTreeSet::new()), &first);
            // Removing a disk moves no other one.
            let fewer = place(&again[1..], &BTreeSet::new());
            prop_assert_eq!(&fewer[..], &first[1..]);
        }
    }
}
