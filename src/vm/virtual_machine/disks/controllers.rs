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

impl Sharing {
    /// Its name in a configuration.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "noSharing",
            Self::Virtual => "virtualSharing",
            Self::Physical => "physicalSharing",
        }
    }
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

/// The type of the controllers of a bus that has one type only; nothing for SCSI.
pub(super) fn only_type(bus: Bus) -> Option<ControllerType> {
    match bus {
        Bus::Scsi => None,
        Bus::Sata => Some(ControllerType::Ahci),
        Bus::Nvme => Some(ControllerType::Nvme),
        _ => Some(ControllerType::Ide),
    }
}

/// The numbers of the controllers of a bus that are to exist.
fn numbers(bus: Bus, wanted: &Wanted) -> BTreeSet<i32> {
    let counted = wanted.counts.get(&bus).copied().unwrap_or_default().min(bus.controllers());
    let used = wanted.used.iter().filter(|(b, _)| *b == bus).map(|(_, number)| *number);
    let own = wanted.own.keys().filter(|(b, _)| *b == bus).map(|(_, number)| *number);
    (0..counted).chain(used).chain(own).collect()
}

/// What is declared of a controller: by its block, else for all that are counted.
fn declared(wanted: &Wanted, bus: Bus, number: i32) -> Declared {
    match wanted.own.get(&(bus, number)) {
        Some(own) => *own,
        None if bus == Bus::Scsi && wanted.counts.get(&bus).is_some_and(|count| number < *count) => {
            Declared { ty: wanted.scsi, sharing: wanted.sharing }
        }
        None => Declared::default(),
    }
}

impl Change {
    /// Which controller changes.
    pub(super) fn place(&self) -> (Bus, i32) {
        match self {
            Self::Share { bus, number, .. } => (*bus, *number),
            Self::Add { ty, number, .. } | Self::Replace { to: ty, number, .. } => (ty.bus(), *number),
        }
    }
}

/// The changes from what is there to what is declared.
pub(super) fn changes(present: &[Present], wanted: &Wanted) -> Vec<Change> {
    let mut out = vec![];
    for bus in Bus::ALL {
        for number in numbers(bus, wanted) {
            let there = present.iter().find(|c| c.ty.bus() == bus && c.number == number);
            let declared = declared(wanted, bus, number);
            match there {
                // vSphere gives every machine its two, and takes no others.
                None if bus == Bus::Ide => {}
                None => {
                    let sharing = match bus {
                        Bus::Scsi if !wanted.own.contains_key(&(bus, number)) => wanted.sharing,
                        _ => declared.sharing,
                    };
                    out.push(Change::Add {
                        ty: declared.ty.unwrap_or_else(|| new_type(bus, present, wanted)),
                        number,
                        sharing: sharing.unwrap_or_default(),
                    });
                }
                Some(c) => out.extend(change(c, &declared)),
            }
        }
    }
    out
}

/// The controllers that a declaration has led to, as far as it says what they are.
pub(super) fn led_to(wanted: &Wanted) -> Vec<Present> {
    let one = |(bus, number): (Bus, i32)| {
        let declared = declared(wanted, bus, number);
        let ty = only_type(bus).or(declared.ty)?;
        Some(Present { key: 0, ty, number, sharing: declared.sharing })
    };
    // What is declared of IDE controllers changes nothing.
    let buses = Bus::ALL.into_iter().filter(|bus| *bus != Bus::Ide);
    let all = buses.flat_map(|bus| numbers(bus, wanted).into_iter().map(move |n| (bus, n)));
    all.filter_map(one).collect()
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

/// The type of a new controller of which nothing is declared. For SCSI, it is the type of the first controller where blocks
/// declare controllers, else the type that is declared for all, else that of the first one again; paravirtual without any.
fn new_type(bus: Bus, present: &[Present], wanted: &Wanted) -> ControllerType {
    if let Some(only) = only_type(bus) {
        return only;
    }
    let of = |number: i32| {
        let there = || present.iter().find(|c| c.ty.bus() == bus && c.number == number).map(|c| c.ty);
        declared(wanted, bus, number).ty.or_else(there)
    };
    let first = (0..bus.controllers()).find_map(of);
    let blocks = wanted.own.keys().any(|(b, _)| *b == bus);
    let ty = if blocks { first.or(wanted.scsi) } else { wanted.scsi.or(first) };
    ty.unwrap_or(ControllerType::ParaVirtual)
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
        Change::Share { bus, number, sharing, .. } => {
            Some(format!("the sharing mode of the controller {bus}:{number} becomes {}", sharing.name()))
        }
        Change::Replace { number, from, to, .. } => {
            Some(format!("the controller scsi:{number} is replaced: {from} becomes {to}"))
        }
    }
}

/// The type or sharing of several controllers that differ.
pub(super) const MIXED: &str = "mixed";

/// What a state says of several controllers: what they agree on, or [`MIXED`]; nothing when there is none.
pub(super) fn agreed<'a>(mut each: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = each.next()?;
    Some(if each.all(|other| other == first) { first } else { MIXED })
}
