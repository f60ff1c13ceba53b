//! Which declared disk is which one that is there, and what has to change. Plain values: the plan compares the configuration
//! with the prior state, an update with the machine, a clone with its template, and all by the same rules.
//!
//! A label says which disk of the state a declared disk is: configurations make disks from maps, where the label is the key and
//! the address follows from its position, which shifts when another key is removed. vSphere does not store labels, so that they
//! play no part where devices are compared.
use std::collections::BTreeSet;
use vsphere_client::device::{Address, Bus};

/// The properties that distinguish disks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Traits {
    /// The label, where it is known and not made up by an import.
    pub label: Option<String>,
    /// The UUID: of a declared disk only when it is known which one it is.
    pub uuid: Option<String>,
    /// Where it hangs, or is to hang.
    pub address: Option<Address>,
    /// The size in GiB, rounded up; nothing for whatever it has.
    pub gib: Option<i64>,
    /// The path of its file on its datastore.
    pub file: Option<String>,
    /// Whether the file is one that was there before, to be attached.
    pub attached: bool,
}

/// The share of a busy datastore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shares {
    /// Half of normal.
    Low,
    /// What there is without a word.
    Normal,
    /// Double of normal.
    High,
    /// That many.
    Custom(i64),
}

/// How a disk is used. `None` is undeclared, or not reported by vSphere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// `persistent`, `independent_persistent`, ….
    pub mode: Option<String>,
    /// `sharingNone` or `sharingMultiWriter`.
    pub sharing: Option<String>,
    /// Whether writes wait for the medium.
    pub write_through: Option<bool>,
    /// Operations in a second; -1 for no limit.
    pub limit: Option<i64>,
    /// Operations in a second.
    pub reservation: Option<i64>,
    /// The weight.
    pub shares: Option<Shares>,
    /// The id of the storage policy. vSphere does not tell it with the device: it is the one that was set last.
    pub policy: Option<String>,
}

/// A disk that is declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wanted {
    /// By what it is known.
    pub traits: Traits,
    /// How it is to be used.
    pub settings: Settings,
}

/// What becomes of a disk that is not declared any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes with its files.
    Deleted,
    /// It goes, its files stay.
    Detached,
    /// It is foreign.
    #[default]
    Stays,
}

/// A disk that is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct There {
    /// By what it is known.
    pub traits: Traits,
    /// How it is used.
    pub settings: Settings,
    /// What becomes of it without a declaration.
    pub fate: Fate,
}

/// How far to go in search of partners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Only such as may be taken for the same disk.
    Same,
    /// All that are there, in order: those of a template.
    All,
}

/// One thing that changes about a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Aspect {
    /// The size, in GiB.
    Grow { from: i64, to: i64 },
    /// The address.
    Move { from: Address, to: Address },
    /// The mode.
    Mode { from: String, to: String },
    /// Whether machines share it.
    Sharing { to: String },
    /// Whether writes wait.
    WriteThrough { to: bool },
    /// Limit, reservation or shares.
    Io,
    /// The storage policy.
    Policy { to: String },
}

/// A change; numbers are places in the lists of the declared disks and of those that are there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// A new disk.
    Create(usize),
    /// An existing file becomes a disk.
    Attach(usize),
    /// A disk stays and changes.
    Edit { wanted: usize, there: usize, aspects: Vec<Aspect> },
    /// A disk goes with its files.
    Delete(usize),
    /// A disk goes, its files stay.
    Detach(usize),
}

/// A disk that is declared smaller than it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shrinks {
    /// The declared disk.
    pub wanted: usize,
    /// The disk that is there.
    pub there: usize,
    /// Its size, in GiB.
    pub from: i64,
    /// The size that is declared.
    pub to: i64,
}

/// The partner of each declared disk: by label, by UUID, by the file that is attached, by address, then by size in the order
/// of addresses; for a template at last in that order alone. The order in which disks are listed plays no part.
pub(super) fn pair(wanted: &[Traits], there: &[Traits], fit: Fit) -> Vec<Option<usize>> {
    let mut pairs = Pairs {
        to: by_label(wanted, there),
        taken: BTreeSet::new(),
        order: (by_address(wanted), by_address(there)),
    };
    pairs.taken.extend(pairs.to.iter().flatten());
    let mut round = |meets: &dyn Fn(&Traits, &Traits) -> bool| pairs.round(wanted, there, meets);
    round(&|w, t| w.uuid.is_some() && w.uuid == t.uuid);
    round(&|w, t| w.uuid.is_none() && w.attached && same_file(w, t));
    // A disk whose known UUID is not found was removed; the one in its place may be its successor (a restored backup).
    round(&|w, t| w.address.is_some() && w.address == t.address && may_be(w, t));
    let sure = pairs.to.clone();
    let mut round = |meets: &dyn Fn(&Traits, &Traits) -> bool| pairs.round(wanted, there, meets);
    round(&|w, t| w.gib.is_some() && w.gib == t.gib && may_be(w, t));
    round(&|w, t| w.gib.is_none() && may_be(w, t));
    if fit == Fit::All {
        round(&may_be);
        return pairs.to;
    }
    // A disk of the right size is not worth an exchange of addresses, which cannot be made.
    loop {
        let moves = (0..wanted.len()).filter_map(|w| {
            let (from, to) = (there[pairs.to[w]?].address?, wanted[w].address?);
            (from != to).then_some((w, from, to))
        });
        let (_, stuck) = movable(moves.collect());
        match stuck.into_iter().find(|w| sure[*w].is_none()) {
            Some(guess) => pairs.to[guess] = None,
            None => return pairs.to,
        }
    }
}

/// The order in which disks can move, each from one address to another that is free by then; and those that can not.
fn movable(mut moves: Vec<(usize, Address, Address)>) -> (Vec<usize>, Vec<usize>) {
    let mut out = vec![];
    while let Some(next) =
        moves.iter().position(|(w, _, to)| !moves.iter().any(|(o, from, _)| o != w && from == to))
    {
        out.push(moves.remove(next).0);
    }
    (out, moves.into_iter().map(|(w, ..)| w).collect())
}

/// The pairs of disks of one label that occurs once on either side.
///
/// Labels that only change places are left to the later rounds: where disks exchange their labels, and each address is
/// declared with the size that it has, nothing has to change in vSphere.
fn by_label(wanted: &[Traits], there: &[Traits]) -> Vec<Option<usize>> {
    let only = |all: &[Traits], label: &str| {
        let mut found = (0..all.len()).filter(|i| all[*i].label.as_deref() == Some(label));
        found.next().filter(|_| found.next().is_none())
    };
    let partner = |w: &Traits| {
        let label = w.label.as_deref()?;
        only(wanted, label)?;
        only(there, label).filter(|t| may_be(w, &there[*t]))
    };
    let to: Vec<Option<usize>> = wanted.iter().map(partner).collect();
    // The declared disk that takes the address of the partner, and could be the partner as it is.
    let next = |w: usize| {
        let old = &there[to[w]?];
        let at = old.address?;
        let heir = (0..wanted.len()).find(|i| to[*i].is_some() && wanted[*i].address == Some(at))?;
        let heir_fits = wanted[heir].gib.is_none() || wanted[heir].gib == old.gib;
        (heir_fits && may_be(&wanted[heir], old)).then_some(heir)
    };
    let exchanged = |w: usize| {
        let mut at = next(w)?;
        for _ in 0..wanted.len() {
            if at == w {
                return Some(());
            }
            at = next(at)?;
        }
        None
    };
    (0..wanted.len()).map(|w| to[w].filter(|_| next(w) == Some(w) || exchanged(w).is_none())).collect()
}

struct Pairs {
    to: Vec<Option<usize>>,
    taken: BTreeSet<usize>,
    order: (Vec<usize>, Vec<usize>),
}

impl Pairs {
    fn round(&mut self, wanted: &[Traits], there: &[Traits], meets: &dyn Fn(&Traits, &Traits) -> bool) {
        for w in &self.order.0 {
            if self.to[*w].is_some() {
                continue;
            }
            let free = |t: &&usize| !self.taken.contains(*t) && meets(&wanted[*w], &there[**t]);
            if let Some(t) = self.order.1.iter().find(free) {
                self.to[*w] = Some(*t);
                self.taken.insert(*t);
            }
        }
    }
}

fn by_address(disks: &[Traits]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..disks.len()).collect();
    order.sort_by_key(|i| (disks[*i].address.is_none(), disks[*i].address));
    order
}

fn same_file(a: &Traits, b: &Traits) -> bool {
    a.file.is_some() && a.file == b.file
}

/// Whether two disks have the same origin: another file to be attached is another disk, and so is a new one in the place of
/// one that was attached.
fn may_be(wanted: &Traits, there: &Traits) -> bool {
    if wanted.attached { same_file(wanted, there) } else { !there.attached || same_file(wanted, there) }
}

/// What has to change, with the partners that [`pair`] found.
pub(super) fn changes(
    wanted: &[Wanted],
    there: &[There],
    partners: &[Option<usize>],
) -> (Vec<Change>, Vec<Shrinks>) {
    let (mut out, mut shrinks) = (vec![], vec![]);
    for (t, disk) in there.iter().enumerate() {
        if partners.contains(&Some(t)) {
            continue;
        }
        // One whose place another file takes was not given up: its block says something else now.
        let replaced = wanted.iter().zip(partners).any(|(w, partner)| {
            partner.is_none()
                && w.traits.address.is_some()
                && w.traits.address == disk.traits.address
                && (w.traits.attached || disk.traits.attached)
        });
        match disk.fate {
            Fate::Deleted if replaced => out.push(Change::Detach(t)),
            Fate::Deleted => out.push(Change::Delete(t)),
            Fate::Detached => out.push(Change::Detach(t)),
            Fate::Stays => {}
        }
    }
    for (w, (disk, partner)) in wanted.iter().zip(partners).enumerate() {
        let Some(t) = *partner else {
            out.push(if disk.traits.attached { Change::Attach(w) } else { Change::Create(w) });
            continue;
        };
        if let (Some(to), Some(from)) = (disk.traits.gib, there[t].traits.gib)
            && to < from
        {
            shrinks.push(Shrinks { wanted: w, there: t, from, to });
        }
        let aspects = aspects(disk, &there[t]);
        if !aspects.is_empty() {
            out.push(Change::Edit { wanted: w, there: t, aspects });
        }
    }
    (out, shrinks)
}

/// The changes in an order in which each can be made: disks move to addresses that are free by then, and new ones come last.
/// Also the declared disks that would have to take each other's addresses, for which there is no such order.
pub(super) fn in_order(changes: Vec<Change>, there: &[There]) -> (Vec<Change>, Vec<usize>) {
    let mut moves = vec![];
    for change in &changes {
        if let Change::Edit { wanted, there: t, aspects } = change
            && let Some(to) =
                aspects.iter().find_map(|a| if let Aspect::Move { to, .. } = a { Some(*to) } else { None })
            && let Some(from) = there[*t].traits.address
        {
            moves.push((*wanted, from, to));
        }
    }
    let (order, stuck) = movable(moves);
    let rank = |change: &Change| match change {
        Change::Delete(_) | Change::Detach(_) => (0, 0),
        Change::Edit { wanted, .. } => {
            (1, order.iter().position(|w| w == wanted).map_or(0, |place| place + 1))
        }
        Change::Create(_) | Change::Attach(_) => (2, 0),
    };
    let mut out = changes;
    out.sort_by_key(rank);
    (out, stuck)
}

/// What is different about a disk. Undeclared values are not a difference, and values that vSphere does not report are the default.
fn aspects(wanted: &Wanted, there: &There) -> Vec<Aspect> {
    fn other<T: PartialEq + Clone>(wanted: &Option<T>, there: &Option<T>, default: T) -> Option<(T, T)> {
        let (to, from) = (wanted.clone()?, there.clone().unwrap_or(default));
        (to != from).then_some((from, to))
    }
    let (w, t) = (&wanted.settings, &there.settings);
    let mut out = vec![];
    if let (Some(to), Some(from)) = (wanted.traits.gib, there.traits.gib)
        && to > from
    {
        out.push(Aspect::Grow { from, to });
    }
    if let (Some(to), Some(from)) = (wanted.traits.address, there.traits.address)
        && to != from
    {
        out.push(Aspect::Move { from, to });
    }
    if let Some((from, to)) = other(&w.mode, &t.mode, "persistent".to_owned()) {
        out.push(Aspect::Mode { from, to });
    }
    if let Some((_, to)) = other(&w.sharing, &t.sharing, "sharingNone".to_owned()) {
        out.push(Aspect::Sharing { to });
    }
    if let Some((_, to)) = other(&w.write_through, &t.write_through, false) {
        out.push(Aspect::WriteThrough { to });
    }
    if other(&w.limit, &t.limit, -1).is_some()
        || other(&w.reservation, &t.reservation, 0).is_some()
        || other(&w.shares, &t.shares, Shares::Normal).is_some()
    {
        out.push(Aspect::Io);
    }
    if let Some((_, to)) = other(&w.policy, &t.policy, String::new()) {
        out.push(Aspect::Policy { to });
    }
    out
}

/// Why a machine that is on cannot take a change of a disk at `bus`; nothing when it can.
pub(super) fn cold_edit(aspect: &Aspect, bus: Option<Bus>) -> Option<String> {
    match aspect {
        Aspect::Grow { .. } if bus == Some(Bus::Ide) => {
            Some("a disk on an IDE controller grows only while the virtual machine is off".to_owned())
        }
        Aspect::Move { from, to } => Some(format!("the disk moves from {from} to {to}")),
        Aspect::Mode { from, to } => Some(format!("its mode changes from {from} to {to}")),
        Aspect::Sharing { to } => Some(format!("its sharing changes to {to}")),
        Aspect::WriteThrough { to } => Some(format!("its write_through changes to {to}")),
        Aspect::Grow { .. } | Aspect::Io | Aspect::Policy { .. } => None,
    }
}

/// Whether a machine that is on cannot take or lose a disk of that bus.
pub(super) fn cold_bus(bus: Option<Bus>) -> bool {
    bus == Some(Bus::Ide)
}
