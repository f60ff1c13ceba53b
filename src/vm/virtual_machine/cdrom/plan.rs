//! Which declared CD-ROM drive is which of those that are there, and what has to be done.
use crate::vm::virtual_machine::matching::{Matching, Partner, cautious};

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

/// A drive that is there, or that the state knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drive {
    pub(super) key: i64,
    /// `bus:controller:unit`; empty where it is not known.
    pub(super) address: String,
    pub(super) medium: Medium,
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

/// Pairs declared drives with those of the state: first those that have what is declared, at the same place and then in
/// order, so that one that is taken away leaves the others as they are; then the rest in order.
pub(super) fn pair(wanted: &[Option<Medium>], known: &[Drive]) -> Vec<Partner> {
    let fit = |i: usize, j: usize| same(wanted[i].as_ref(), &known[j]);
    let equal = |i: usize, j: usize| fit(i, j) && wanted[i].as_ref() == Some(&known[j].medium);
    if wanted.iter().any(Option::is_none) {
        return cautious(wanted.len(), known.len(), false, |i| wanted[i].is_none(), fit);
    }
    let mut matching = Matching::new(wanted.len(), known.len());
    matching.here(equal).first(equal).here(fit).first(fit).here(|_, _| true).first(|_, _| true);
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
    /// Another medium.
    Change {
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
    wanted: &[Option<Medium>],
    there: &[Drive],
    to: &[Option<usize>],
    ours: impl Fn(usize) -> bool,
) -> Vec<Step> {
    let removed = (0..there.len()).filter(|&d| ours(d) && !to.contains(&Some(d)));
    let mut steps: Vec<Step> = removed.map(|drive| Step::Remove { drive }).collect();
    for (block, (w, to)) in wanted.iter().zip(to).enumerate() {
        match *to {
            None => steps.push(Step::Add { block }),
            Some(drive) if !same(w.as_ref(), &there[drive]) => steps.push(Step::Change { block, drive }),
            Some(_) => {}
        }
    }
    steps
}
