//! Controllers that disks hang on: which are missing, and which are to be of another type or shared in another way. None is
//! removed but to make room for its successor of the same number.
use std::collections::{BTreeMap, BTreeSet};
use vsphere_client::device::{Bus, ControllerType};

/// Whether machines share a SCSI bus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sharing {
    /// They do not.
    #[default]
    None,
    /// Machines on one host.
    Virtual,
    /// Machines on any host.
    Physical,
}

/// What is declared of one controller; nothing for as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Declared {
    /// Its type, of SCSI.
    pub ty: Option<ControllerType>,
    /// Whether it is shared.
    pub sharing: Option<Sharing>,
}

/// A controller that is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Present {
    /// Its key.
    pub key: i32,
    /// Its type.
    pub ty: ControllerType,
    /// Its number on its bus.
    pub number: i32,
    /// Whether it is shared; `None` if it is not reported.
    pub sharing: Option<Sharing>,
}

/// What is declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wanted {
    /// How many controllers there are to be of each bus.
    pub counts: BTreeMap<Bus, i32>,
    /// The controllers that declared disks hang on.
    pub used: BTreeSet<(Bus, i32)>,
    /// The controllers that have a block of their own. What is declared for all does not apply to them.
    pub own: BTreeMap<(Bus, i32), Declared>,
    /// The type of the SCSI controllers that are counted; nothing for whatever they are.
    pub scsi: Option<ControllerType>,
    /// Whether those are shared; nothing for as they are.
    pub sharing: Option<Sharing>,
}

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// A new controller.
    Add { ty: ControllerType, number: i32, sharing: Sharing },
    /// The sharing of a controller changes.
    Share { key: i32, bus: Bus, number: i32, sharing: Sharing },
    /// A controller of another type takes the place and the devices of one.
    Replace { key: i32, number: i32, from: ControllerType, to: ControllerType, sharing: Sharing },
}

/// The changes from what is there to what is declared.
pub(super) fn changes(present: &[Present], wanted: &Wanted) -> Vec<Change> {
    let mut out = vec![];
    for bus in Bus::ALL {
        let counted = wanted.counts.get(&bus).copied().unwrap_or_default().min(bus.controllers());
        let used = wanted.used.iter().filter(|(b, _)| *b == bus).map(|(_, number)| *number);
        let own = wanted.own.keys().filter(|(b, _)| *b == bus).map(|(_, number)| *number);
        let numbers: BTreeSet<i32> = (0..counted).chain(used).chain(own).collect();
        for number in numbers {
            let there = present.iter().find(|c| c.ty.bus() == bus && c.number == number);
            let own = wanted.own.get(&(bus, number));
            match there {
                // vSphere gives every machine its two, and takes no others.
                None if bus == Bus::Ide => {}
                None => out.push(Change::Add {
                    ty: own.and_then(|d| d.ty).unwrap_or_else(|| new_type(bus, present, wanted)),
                    number,
                    sharing: match own {
                        Some(d) => d.sharing,
                        None if bus == Bus::Scsi => wanted.sharing,
                        None => None,
                    }
                    .unwrap_or_default(),
                }),
                Some(c) => match own {
                    Some(d) => out.extend(change(c, d)),
                    None if bus == Bus::Scsi && number < counted => {
                        out.extend(change(c, &Declared { ty: wanted.scsi, sharing: wanted.sharing }));
                    }
                    None => {}
                },
            }
        }
    }
    out
}

/// What changes about a controller.
fn change(c: &Present, wanted: &Declared) -> Option<Change> {
    let is = c.sharing.unwrap_or_default();
    let sharing = wanted.sharing.unwrap_or(is);
    match wanted.ty {
        Some(to) if to != c.ty => {
            Some(Change::Replace { key: c.key, number: c.number, from: c.ty, to, sharing })
        }
        _ if sharing != is => Some(Change::Share { key: c.key, bus: c.ty.bus(), number: c.number, sharing }),
        _ => None,
    }
}

/// The type of a new controller: as declared, else as the first one of the bus.
fn new_type(bus: Bus, present: &[Present], wanted: &Wanted) -> ControllerType {
    let like = present.iter().filter(|c| c.ty.bus() == bus).min_by_key(|c| c.number).map(|c| c.ty);
    match bus {
        Bus::Scsi => wanted.scsi.or(like).unwrap_or(ControllerType::ParaVirtual),
        Bus::Sata => ControllerType::Ahci,
        Bus::Nvme => ControllerType::Nvme,
        _ => ControllerType::Ide,
    }
}

/// Why a machine that is on cannot take a change; nothing when it can.
///
/// A controller is added while the machine runs: `vcenter.vm.hardware.adapter.scsi`, `.sata` and `.nvme` `create` of the vSphere
/// Automation API refuse only a machine that is suspended (`not_allowed_in_current_state`), and the storage provider of
/// Kubernetes adds SCSI controllers to running nodes. Type and sharing change only while it is off ("Change the SCSI
/// Controller Type", "Change the SCSI Bus Sharing Configuration" in vSphere Virtual Machine Administration).
pub(super) fn cold(change: &Change) -> Option<String> {
    match change {
        Change::Add { .. } => None,
        Change::Share { bus, number, .. } => Some(shared(*bus, *number)),
        Change::Replace { number, from, to, .. } => Some(replaced(*number, *from, *to)),
    }
}

fn shared(bus: Bus, number: i32) -> String {
    format!("the sharing of the controller {bus}:{number} changes")
}

fn replaced(number: i32, from: ControllerType, to: ControllerType) -> String {
    format!("the controller scsi:{number} is replaced: {from} becomes {to}")
}

/// What is declared of a controller, by its block or for all of its bus; nothing where it is left as it is.
fn declared(wanted: &Wanted, bus: Bus, number: i32) -> Option<Declared> {
    if let Some(own) = wanted.own.get(&(bus, number)) {
        return Some(*own);
    }
    let counted = wanted.counts.get(&bus).is_some_and(|count| number < *count);
    counted.then_some(match bus {
        Bus::Scsi => Declared { ty: wanted.scsi, sharing: wanted.sharing },
        _ => Declared { ty: None, sharing: Some(Sharing::None) },
    })
}

/// For what the machine has to be off when blocks of controllers change, as far as the two declarations say it.
pub(super) fn cold_blocks(before: &Wanted, after: &Wanted) -> Vec<((Bus, i32), String)> {
    let mut out = vec![];
    let all: BTreeSet<(Bus, i32)> = before.own.keys().chain(after.own.keys()).copied().collect();
    for (bus, number) in all {
        let (Some(was), Some(is)) = (declared(before, bus, number), declared(after, bus, number)) else {
            continue;
        };
        match (was.ty, is.ty) {
            (Some(from), Some(to)) if from != to => out.push(((bus, number), replaced(number, from, to))),
            _ if was.sharing.zip(is.sharing).is_some_and(|(from, to)| from != to) => {
                out.push(((bus, number), shared(bus, number)));
            }
            _ => {}
        }
    }
    out
}

/// The type or sharing of several controllers that differ.
pub(super) const MIXED: &str = "mixed";

/// What a state says of several controllers: what they agree on, or [`MIXED`]; nothing when there is none.
pub(super) fn agreed<'a>(mut each: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = each.next()?;
    Some(if each.all(|other| other == first) { first } else { MIXED })
}
