//! What is stored after an apply and after a read.
use super::equal::{element, member, same_meaning, value_equal};
use super::pair::Pairs;
use crate::{Block, Dynamic, NestedBlock, Nesting, Type};

/// The state after an apply: the plan wherever it was known, what was read back elsewhere, and null where
/// neither says anything.
pub fn settle_apply(block: &Block, planned: &Dynamic, found: &Dynamic) -> Dynamic {
    match planned {
        Dynamic::Unknown => tidy(block, found),
        Dynamic::Map(_) => each(
            block,
            |a| {
                if a.write_only { Dynamic::Null } else { fill(&a.ty, planned.get(a.name), found.get(a.name)) }
            },
            |n| fill_nested(n, planned.get(n.name), found.get(n.name)),
        ),
        _ => Dynamic::Null,
    }
}

/// The state after a read: what was found, in the spelling of `prior` where the two are equal in meaning.
///
/// A null `prior`, and in it a computed block that is null, says that nothing has been stored yet, as after an
/// import: then everything is taken as it was found.
pub fn settle_read(block: &Block, prior: &Dynamic, found: &Dynamic) -> Dynamic {
    if prior.is_null() || found.is_null() {
        return tidy(block, found);
    }
    each(
        block,
        |a| {
            let (was, is) = (prior.get(a.name), found.get(a.name));
            if a.write_only {
                Dynamic::Null
            } else if is.is_unknown() || same_meaning(a, was, is) || (!was.is_null() && a.is_of_level(found))
            {
                was.clone() // nothing was learnt
            } else {
                known(is)
            }
        },
        |n| read_nested(n, prior.get(n.name), found.get(n.name)),
    )
}

fn each(
    block: &Block,
    attribute: impl Fn(&crate::Attribute) -> Dynamic,
    nested: impl Fn(&NestedBlock) -> Dynamic,
) -> Dynamic {
    let attributes = block.attributes.iter().map(|a| (a.name.to_owned(), attribute(a)));
    let blocks = block.blocks.iter().map(|n| (n.name.to_owned(), nested(n)));
    Dynamic::object(attributes.chain(blocks))
}

/// A value as it was found, in the form in which it is stored: complete, no block null, nothing unknown.
fn tidy(block: &Block, found: &Dynamic) -> Dynamic {
    if !matches!(found, Dynamic::Map(_)) {
        return Dynamic::Null;
    }
    each(
        block,
        |a| if a.write_only { Dynamic::Null } else { known(found.get(a.name)) },
        |n| tidy_nested(n, found.get(n.name)),
    )
}

fn tidy_nested(n: &NestedBlock, found: &Dynamic) -> Dynamic {
    match n.nesting {
        Nesting::Single => tidy(&n.block, found),
        Nesting::Map => Dynamic::object(entries(found).map(|(k, v)| (k.clone(), tidy(&n.block, v)))),
        _ => Dynamic::List(found.items().iter().map(|v| tidy(&n.block, v)).collect()),
    }
}

fn entries(v: &Dynamic) -> impl Iterator<Item = (&String, &Dynamic)> {
    match v {
        Dynamic::Map(m) => Some(m),
        _ => None,
    }
    .into_iter()
    .flatten()
}

/// The value without anything unknown in it.
fn known(v: &Dynamic) -> Dynamic {
    match v {
        Dynamic::Unknown => Dynamic::Null,
        Dynamic::List(x) if v.has_unknown() => Dynamic::List(x.iter().map(known).collect()),
        Dynamic::Map(x) if v.has_unknown() => Dynamic::object(x.iter().map(|(k, v)| (k.clone(), known(v)))),
        _ => v.clone(),
    }
}

fn fill(ty: &Type, planned: &Dynamic, found: &Dynamic) -> Dynamic {
    match planned {
        Dynamic::Unknown => known(found),
        v if !v.has_unknown() => v.clone(),
        Dynamic::List(x) => match ty {
            Type::Set(t) => Dynamic::List(fill_set(t, x, found.items())),
            _ => {
                let at = |i: usize| found.items().get(i).unwrap_or(Dynamic::null());
                Dynamic::List(x.iter().enumerate().map(|(i, v)| fill(element(ty, i), v, at(i))).collect())
            }
        },
        Dynamic::Map(x) => {
            Dynamic::object(x.iter().map(|(k, v)| (k.clone(), fill(member(ty, k), v, found.get(k)))))
        }
        v => v.clone(),
    }
}

/// The elements that are known first, so that they do not lose their counterpart to one that is not.
fn fill_set(ty: &Type, planned: &[Dynamic], found: &[Dynamic]) -> Vec<Dynamic> {
    let mut pairs = Pairs::none(planned.len(), found.len());
    pairs.round(|i, j| !planned[i].has_unknown() && value_equal(ty, &planned[i], &found[j]));
    pairs.round(|i, j| !planned[i].is_unknown() && fits(ty, &planned[i], &found[j]));
    pairs.round(|i, _| planned[i].is_unknown());
    let mut out: Vec<Dynamic> = vec![];
    for (v, to) in planned.iter().zip(pairs.to) {
        let v = match to {
            Some(j) => fill(ty, v, &found[j]),
            // It has become equal to another element, and a set holds each only once.
            None if v.is_unknown() => continue,
            None => fill(ty, v, Dynamic::null()),
        };
        if !out.iter().any(|w| value_equal(ty, w, &v)) {
            out.push(v);
        }
    }
    out
}

/// Whether `found` may be what `planned`, partly unknown, has become.
fn fits(ty: &Type, planned: &Dynamic, found: &Dynamic) -> bool {
    match (planned, found) {
        (Dynamic::Unknown, _) => true,
        (v, _) if !v.has_unknown() => value_equal(ty, v, found),
        (Dynamic::List(x), Dynamic::List(y)) => match ty {
            Type::Set(_) => x.len() >= y.len(),
            _ => {
                x.len() == y.len()
                    && x.iter().zip(y).enumerate().all(|(i, (v, w))| fits(element(ty, i), v, w))
            }
        },
        (Dynamic::Map(x), Dynamic::Map(y)) => {
            x.iter().all(|(k, v)| fits(member(ty, k), v, y.get(k).unwrap_or(Dynamic::null())))
        }
        _ => false,
    }
}

fn fill_nested(n: &NestedBlock, planned: &Dynamic, found: &Dynamic) -> Dynamic {
    if planned.is_unknown() {
        return tidy_nested(n, found);
    }
    let (p, f) = (planned.items(), found.items());
    let mut pairs = match n.nesting {
        Nesting::Single => return settle_apply(&n.block, planned, found),
        Nesting::Map => {
            return Dynamic::Map(
                entries(planned).map(|(k, v)| (k.clone(), settle_apply(&n.block, v, found.get(k)))).collect(),
            );
        }
        Nesting::List => Pairs::of_list(n, p, f),
        Nesting::Set => {
            let mut pairs = Pairs::none(p.len(), f.len());
            pairs.round(|i, j| block_fits(&n.block, &p[i], &f[j]));
            pairs.likely(&n.block, p, f);
            pairs
        }
    };
    if let Some(key) = n.key {
        pairs.round(|i, j| i == j && p[i].get(key).is_unknown());
    }
    Dynamic::List(
        p.iter()
            .zip(pairs.to)
            .map(|(v, to)| settle_apply(&n.block, v, to.map_or(Dynamic::null(), |j| &f[j])))
            .collect(),
    )
}

/// Whether `found` says nothing else than `planned` wherever that is known.
fn block_fits(block: &Block, planned: &Dynamic, found: &Dynamic) -> bool {
    block.attributes.iter().all(|a| {
        let (p, f) = (planned.get(a.name), found.get(a.name));
        a.write_only || if p.has_unknown() { fits(&a.ty, p, f) } else { same_meaning(a, p, f) }
    }) && block.blocks.iter().all(|n| {
        let (p, f) = (planned.get(n.name), found.get(n.name));
        let fit = |x: &Dynamic, y: &Dynamic| block_fits(&n.block, x, y);
        match n.nesting {
            _ if p.is_unknown() => true,
            Nesting::Single => p.is_null() == f.is_null() && (p.is_null() || fit(p, f)),
            Nesting::Map => {
                entries(p).all(|(k, v)| fit(v, f.get(k)))
                    && (n.computed || entries(f).all(|(k, _)| !p.get(k).is_null()))
            }
            Nesting::List => {
                (n.computed || p.items().len() == f.items().len())
                    && p.items().len() <= f.items().len()
                    && p.items().iter().zip(f.items()).all(|(x, y)| fit(x, y))
            }
            Nesting::Set => {
                let mut pairs = Pairs::none(p.items().len(), f.items().len());
                pairs.round(|i, j| fit(&p.items()[i], &f.items()[j]));
                pairs.to.iter().all(Option::is_some) && (n.computed || pairs.left().next().is_none())
            }
        }
    })
}

fn read_nested(n: &NestedBlock, prior: &Dynamic, found: &Dynamic) -> Dynamic {
    if n.computed && prior.is_null() && n.nesting != Nesting::Single {
        return tidy_nested(n, found);
    }
    if found.is_unknown() {
        return tidy_nested(n, prior);
    }
    let (p, f) = (prior.items(), found.items());
    let pairs = match n.nesting {
        // Undeclared elements enter the state of a computed block only with an import.
        Nesting::Single if n.computed && prior.is_null() => return Dynamic::Null,
        Nesting::Single => return settle_read(&n.block, prior, found),
        Nesting::Map => {
            let keep = |k: &String| !n.computed || !prior.get(k).is_null();
            return Dynamic::Map(
                entries(found)
                    .filter(|(k, _)| keep(k))
                    .map(|(k, v)| (k.clone(), settle_read(&n.block, prior.get(k), v)))
                    .collect(),
            );
        }
        Nesting::List => Pairs::of_list(n, p, f),
        Nesting::Set => {
            let mut pairs = Pairs::none(p.len(), f.len());
            pairs.round(|i, j| block_fits(&n.block, &p[i], &f[j]));
            pairs.likely(&n.block, p, f);
            pairs
        }
    };
    // In the order of the state: what was found in another order is the same.
    let mut out: Vec<Dynamic> =
        (p.iter().zip(&pairs.to)).filter_map(|(v, to)| Some(settle_read(&n.block, v, &f[(*to)?]))).collect();
    let missing = p.len() - out.len();
    let others = pairs.left().map(|j| tidy(&n.block, &f[j]));
    match n.computed {
        // Elements beyond the number in the state are undeclared; as many as are missing are its own, changed.
        true if n.key.is_none() => out.extend(others.take(missing)),
        true => {}
        false => out.extend(others),
    }
    Dynamic::List(out)
}
