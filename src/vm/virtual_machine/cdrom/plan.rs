//! Which declared CD-ROM drive is which of those that are there, and what has to be done.
use crate::vm::virtual_machine::matching::{Matching, Partner, cautious};
use vsphere_client::device::Address;

/// What is in a drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Medium {
    /// The drive of the client that has the console open.
    Console,
    /// An image: the datastore, where it is known, and the path on it.
    Image { datastore: Option<String>, path: String },
    /// Anything else: a drive of the host, an empty one. Declared, it is whatever is there.
    Other,
}

/// How a drive is connected. What is not declared is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Switches {
    /// Now, or, while the machine is off, when it is turned on.
    pub(super) connected: Option<bool>,
    pub(super) at_start: Option<bool>,
    pub(super) guest: Option<bool>,
}

impl Switches {
    /// Whether a drive with these has what is `wanted`.
    fn have(self, wanted: Switches) -> bool {
        let fit = |wanted: Option<bool>, is: Option<bool>| wanted.is_none() || wanted == is;
        fit(wanted.connected, self.connected)
            && fit(wanted.at_start, self.at_start)
            && fit(wanted.guest, self.guest)
    }
}

/// The declared part of an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub(super) bus: Option<String>,
    pub(super) controller: Option<i64>,
    pub(super) unit: Option<i64>,
}

impl Place {
    /// Whether an address, such as `ide:1:0`, is there.
    pub(super) fn fits(&self, address: &str) -> bool {
        let there = address.parse().ok().map_or_else(Place::default, Place::of);
        (self.bus.is_none() || self.bus == there.bus)
            && (self.controller.is_none() || self.controller == there.controller)
            && (self.unit.is_none() || self.unit == there.unit)
    }

    /// All of an address.
    pub(super) fn of(a: Address) -> Self {
        Self {
            bus: Some(a.bus.name().to_owned()),
            controller: Some(a.controller.into()),
            unit: Some(a.unit.into()),
        }
    }

    /// The whole address, where it is declared.
    pub(super) fn exact(&self) -> Option<String> {
        Some(format!("{}:{}:{}", self.bus.as_deref()?, self.controller?, self.unit?))
    }
}

/// What a block declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    /// Nothing while it is not known.
    pub(super) medium: Option<Medium>,
    /// Empty where it has none.
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) switches: Switches,
}

/// A drive that is there, or that the state knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drive {
    pub(super) key: i64,
    /// `bus:controller:unit`; empty where it is not known.
    pub(super) address: String,
    pub(super) medium: Medium,
    /// What the state calls it.
    pub(super) name: String,
    pub(super) switches: Switches,
}

impl Drive {
    /// IDE takes and gives drives only while the machine is off.
    pub(super) fn cold(&self) -> bool {
        !self.address.starts_with("sata:")
    }
}

/// Whether a drive has the declared medium; an unknown one matches any. A datastore that the server does
/// not return is not a difference.
fn same(wanted: Option<&Medium>, drive: &Drive) -> bool {
    match (wanted, &drive.medium) {
        (Some(Medium::Image { datastore: a, path: p }), Medium::Image { datastore: b, path: q }) => {
            p == q && (a == b || b.is_none())
        }
        (Some(Medium::Other), _) => true,
        (Some(wanted), medium) => wanted == medium,
        (None, _) => false,
    }
}

/// Pairs declared drives with those of the state: first those of the same name, then those that have what is declared, at the
/// same place and then in order, so that one that is taken away leaves the others as they are; then the rest in order.
pub(super) fn pair(wanted: &[Wanted], known: &[Drive]) -> Vec<Partner> {
    let medium = |i: usize| wanted[i].medium.as_ref();
    let fit = |i: usize, j: usize| same(medium(i), &known[j]);
    let equal = |i: usize, j: usize| fit(i, j) && medium(i) == Some(&known[j].medium);
    let named = |i: usize, j: usize| !wanted[i].name.is_empty() && wanted[i].name == known[j].name;
    if wanted.iter().any(|w| w.medium.is_none()) {
        // Where a name decides, nothing else does.
        let may = |i: usize, j: usize| {
            named(i, j) || (!(0..known.len()).any(|k| named(i, k)) && !(0..wanted.len()).any(|k| named(k, j)))
        };
        let open = |i: usize| wanted[i].medium.is_none();
        return cautious(wanted.len(), known.len(), false, open, |i, j| fit(i, j) && may(i, j));
    }
    let mut matching = Matching::new(wanted.len(), known.len());
    matching.first(named).here(equal).first(equal).here(fit).first(fit).here(|_, _| true).first(|_, _| true);
    matching.into_pairs().into_iter().map(|to| to.map_or(Partner::New, Partner::Is)).collect()
}

/// Pairs declared drives with those of a template, one after the other.
pub(super) fn pair_in_order(wanted: usize, there: usize) -> Vec<Option<usize>> {
    (0..wanted).map(|i| Some(i).filter(|i| *i < there)).collect()
}

/// Finds the drives of the state among those that are there: by key and address, by key, by address. One that was just
/// made has neither yet: it is one that no other is, with its medium where there is one.
pub(super) fn locate(known: &[Drive], there: &[Drive]) -> Vec<Option<usize>> {
    let key = |i: usize, j: usize| known[i].key == there[j].key;
    let address = |i: usize, j: usize| !known[i].address.is_empty() && known[i].address == there[j].address;
    let mut matching = Matching::new(known.len(), there.len());
    let made = |i: usize| known[i].key == 0;
    matching.first(|i, j| key(i, j) && address(i, j)).first(key).first(address);
    matching.first(|i, j| made(i) && known[i].medium == there[j].medium).first(|i, _| made(i));
    matching.into_pairs()
}

/// One thing to do. `block` counts the declared ones, `drive` those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Add {
        block: usize,
    },
    /// Another medium, or connected in another way.
    Change {
        block: usize,
        drive: usize,
    },
    /// To another address.
    Move {
        block: usize,
        drive: usize,
    },
    Remove {
        drive: usize,
    },
}

/// What has to be done so that the declared drives are there. `to` is the partner of each among those that are there;
/// those without are removed if they are `ours`, and left alone otherwise.
pub(super) fn steps(
    wanted: &[Wanted],
    there: &[Drive],
    to: &[Option<usize>],
    ours: impl Fn(usize) -> bool,
) -> Vec<Step> {
    let removed = (0..there.len()).filter(|&d| ours(d) && !to.contains(&Some(d)));
    let mut steps: Vec<Step> = removed.map(|drive| Step::Remove { drive }).collect();
    for (block, (w, to)) in wanted.iter().zip(to).enumerate() {
        match *to {
            None => steps.push(Step::Add { block }),
            Some(drive) if !w.place.fits(&there[drive].address) => steps.push(Step::Move { block, drive }),
            Some(drive)
                if !same(w.medium.as_ref(), &there[drive]) || !there[drive].switches.have(w.switches) =>
            {
                steps.push(Step::Change { block, drive });
            }
            Some(_) => {}
        }
    }
    steps
}

/// Whether a drive has another medium than a block declares.
pub(super) fn has_other(wanted: &Wanted, drive: &Drive) -> bool {
    !same(wanted.medium.as_ref(), drive)
}

/// Blocks that have the image of an earlier one: both of them.
pub(super) fn twice(wanted: &[Wanted]) -> Vec<(usize, usize)> {
    let image = |w: &Wanted| w.medium.clone().filter(|m| matches!(m, Medium::Image { .. }));
    let first =
        |i: usize| (0..i).find(|&k| image(&wanted[i]).is_some() && image(&wanted[k]) == image(&wanted[i]));
    (0..wanted.len()).filter_map(|i| Some((first(i)?, i))).collect()
}
