//! Which changes need a new object.
use super::equal::{nested_equal, value_equal};
use super::pair::Pairs;
use crate::{AttributePath, Block, Dynamic, NestedBlock, Nesting};

/// The paths of what needs a new object and really changes.
pub(super) fn paths(block: &Block, planned: &Dynamic, prior: &Dynamic) -> Vec<AttributePath> {
    let mut out = vec![];
    inside(block, planned, prior, &AttributePath::root(), &mut out);
    out
}

fn inside(block: &Block, new: &Dynamic, old: &Dynamic, at: &AttributePath, out: &mut Vec<AttributePath>) {
    for a in &block.attributes {
        let (x, y) = (new.get(a.name), old.get(a.name));
        // Null to "" is not a reason to destroy anything.
        if a.force_new && !value_equal(&a.ty, x, y) && !(x.is_zero() && y.is_zero()) {
            out.push(at.clone().name(a.name));
        }
    }
    for n in &block.blocks {
        let (x, y) = (new.get(n.name), old.get(n.name));
        let here = at.clone().name(n.name);
        if n.force_new && count_changed(n, x, y) {
            out.push(here.clone());
        }
        match n.nesting {
            Nesting::Single if x.is_null() || y.is_null() || x.is_unknown() => {}
            Nesting::Single => inside(&n.block, x, y, &here, out),
            Nesting::Map => {
                if let (Dynamic::Map(x), Dynamic::Map(y)) = (x, y) {
                    for (k, v) in x {
                        if let Some(w) = y.get(k) {
                            inside(&n.block, v, w, &here.clone().key(k), out);
                        }
                    }
                }
            }
            Nesting::List => {
                let (x, y) = (x.items(), y.items());
                for (i, to) in Pairs::of_list(n, x, y).to.into_iter().enumerate() {
                    if let Some(j) = to {
                        inside(&n.block, &x[i], &y[j], &here.clone().index(i), out);
                    }
                }
            }
            Nesting::Set => {} // its elements have no path
        }
    }
}

/// Whether blocks came or went; of a set, whose elements are only what they contain, whether any changed.
fn count_changed(n: &NestedBlock, new: &Dynamic, old: &Dynamic) -> bool {
    // Not known yet: a replacement that turns out needless is a planned one, the other way round is an error.
    if new.is_unknown() {
        return true;
    }
    match (n.nesting, new, old) {
        (Nesting::Set, ..) => !nested_equal(n, new, old),
        (Nesting::Single, ..) => new.is_null() != old.is_null(),
        (Nesting::Map, Dynamic::Map(x), Dynamic::Map(y)) => !x.keys().eq(y.keys()),
        (Nesting::Map, ..) => !(new.is_zero() && old.is_zero()),
        _ => new.items().len() != old.items().len(),
    }
}
