//! One edit to each official configuration at a time: the plan shows the edit and nothing else, core accepts
//! it, and after the apply there is nothing left to plan.
use crate::official::{Fixture, Official};
use crate::values::{BlockSite, Site, at, changed, differences, normal, sample, served, sites, with, zero};
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Block, Dynamic, Nesting, Object, Step, check, rule};

struct Edit {
    kind: &'static str,
    config: Dynamic,
    /// What the edit may change.
    within: AttributePath,
    /// What the planned value has to be, where the edit says so.
    becomes: Option<Dynamic>,
    /// Whether the edit changes which element another one continues.
    renames: bool,
}

/// The path that a difference is reported at: inside a set only the set has one.
fn seen_at(path: &AttributePath, set: &Option<AttributePath>) -> AttributePath {
    set.clone().unwrap_or_else(|| path.clone())
}

fn attribute_edits(f: &Fixture, s: &Site<'_>, out: &mut Vec<Edit>) {
    let a = s.attribute;
    if !a.optional && !a.required {
        return;
    }
    let (config, prior) = (at(&f.config, &s.path), at(&f.prior, &s.path));
    let mut edit = |kind, to: Dynamic, becomes: Dynamic| {
        out.push(Edit {
            kind,
            config: with(&f.config, &s.path, to),
            within: seen_at(&s.path, &s.set),
            becomes: s.set.is_none().then_some(becomes),
            renames: a.name == "label",
        });
    };
    if config.is_null() {
        let to = sample(&a.ty, 7);
        edit("add", to.clone(), to);
        let none = zero(&a.ty);
        let unset = a.computed && none.as_str().is_some() && !prior.is_null();
        let null = a.optional && prior.is_null() && a.default.as_ref().is_none_or(Dynamic::is_zero);
        edit("explicit zero", none.clone(), if unset || null { prior.clone() } else { none });
    } else {
        let to = changed(&a.ty, config);
        edit("change", to.clone(), to);
        if a.optional {
            let becomes = match &a.default {
                Some(d) if prior.is_zero() && d.is_zero() => prior.clone(),
                Some(d) => d.clone(),
                None if a.computed || prior.is_zero() => prior.clone(),
                None => Dynamic::Null,
            };
            edit("remove", Dynamic::Null, becomes);
        }
    }
}

/// A further element: its required attributes and its key are its own.
fn element(block: &Block, like: &Dynamic, key: Option<&str>) -> Dynamic {
    let mut out: Object = match like {
        Dynamic::Map(m) => m.clone(),
        _ => Object::new(),
    };
    for a in block.attributes.iter().filter(|a| a.required || key == Some(a.name)) {
        let v = out.entry(a.name.to_owned()).or_default();
        *v = if v.is_null() { sample(&a.ty, 7) } else { changed(&a.ty, v) };
    }
    for n in block.blocks.iter().filter(|n| n.min > 0) {
        let v = out.entry(n.name.to_owned()).or_default();
        if v.is_zero() {
            *v = Dynamic::List(vec![element(&n.block, &Dynamic::Null, n.key)]);
        }
    }
    normal(block, &Dynamic::Map(out))
}

fn block_edits(f: &Fixture, s: &BlockSite<'_>, out: &mut Vec<Edit>) {
    let n = s.nested;
    if n.nesting == Nesting::Single {
        return;
    }
    let items = at(&f.config, &s.path).items();
    let mut edit = |kind, items: Vec<Dynamic>, becomes: Option<Dynamic>| {
        out.push(Edit {
            kind,
            config: with(&f.config, &s.path, Dynamic::List(items)),
            within: seen_at(&s.path, &s.set),
            becomes: becomes.filter(|_| s.set.is_none() && n.nesting == Nesting::List),
            renames: false,
        });
    };
    let new = element(&n.block, items.last().unwrap_or(Dynamic::null()), n.key);
    edit("append or add a block", items.iter().cloned().chain([new]).collect(), None);
    if let Some((_, rest)) = items.split_last() {
        let prior = at(&f.prior, &s.path);
        // A computed block that is left out altogether stays as it is.
        let all = (n.computed && rest.is_empty()).then(|| prior.clone());
        let becomes = |rest: &[Dynamic]| all.clone().unwrap_or_else(|| rest.to_vec().into());
        edit("remove the last block", rest.to_vec(), Some(becomes(&prior.items()[..rest.len()])));
        if !rest.is_empty() {
            let keyed = n.key.is_some().then(|| becomes(&prior.items()[1..]));
            edit("remove the first block", items[1..].to_vec(), keyed);
        }
    }
}

fn edits(block: &Block, f: &Fixture) -> Vec<Edit> {
    let (attributes, blocks) = sites(block, &f.config);
    let mut out = vec![];
    attributes.iter().for_each(|s| attribute_edits(f, s, &mut out));
    blocks.iter().for_each(|s| block_edits(f, s, &mut out));
    out
}

/// Core's answer to a plan; where the flag is set, what it is set for is not an error.
fn refused(block: &Block, prior: &Dynamic, config: &Dynamic, planned: &rule::Planned) -> Vec<String> {
    let mut wrong = check::plan_valid(block, prior, config, &planned.state);
    wrong.retain(|w| {
        let kept = w.contains(" blocks, but ")
            || w.contains(": planned null, which does not match the configured ")
            || w.contains(": planned (unknown), which ");
        !(planned.legacy && kept)
    });
    wrong
}

/// Plan, apply, plan again.
fn round_trip(block: &Block, config: &Dynamic, prior: &Dynamic, what: &str) -> rule::Planned {
    let planned = rule::plan(block, config, prior);
    assert_eq!(refused(block, prior, config, &planned), [""; 0], "{what}");
    let found = served(block, &planned.state, 100);
    let new = rule::settle_apply(block, &planned.state, &found);
    assert!(rule::equal(block, &new, &found), "{what}: {:?}", differences(block, &found, &new));
    assert_eq!(check::apply_consistent(block, &planned.state, &new), [""; 0], "{what}");
    let read = rule::settle_read(block, &new, &found);
    assert!(rule::equal(block, &read, &new), "{what}: {:?}", differences(block, &new, &read));
    let again = rule::plan(block, config, &new);
    assert!(!again.changed, "{what}: {:?}", differences(block, &new, &again.state));
    assert!(again.requires_replace.is_empty(), "{what}");
    planned
}

#[test]
fn a_plan_shows_the_edit_and_nothing_else() {
    let o = Official::load();
    let mut count = BTreeMap::<&str, (usize, usize, usize)>::new();
    for f in &o.fixtures {
        let block = &o.blocks[&f.type_name];
        for e in edits(block, f) {
            let what = format!("{}: {} at {}", f.name, e.kind, e.within);
            let planned = round_trip(block, &e.config, &f.prior, &what);
            let seen = differences(block, &f.prior, &planned.state);
            let volatile_only = seen.is_empty() && planned.changed;
            assert!(!volatile_only, "{what}");
            let parent = AttributePath(e.within.0[..e.within.0.len() - 1].to_vec());
            let within = if e.renames { &parent } else { &e.within };
            for (at, elements) in &seen {
                assert!(at.0.starts_with(&within.0), "{what}: {at} differs too");
                assert!(*elements == 1, "{what}: {elements} elements of {at} differ");
            }
            if let Some(v) = &e.becomes {
                let one = |v: &Dynamic| with(&f.prior, &e.within, v.clone());
                assert_eq!(
                    differences(block, &one(v), &one(at(&planned.state, &e.within))),
                    [],
                    "{what}: what is planned for it"
                );
            }
            for path in &planned.requires_replace {
                assert!(
                    path.0.starts_with(&within.0) || within.0.starts_with(&path.0),
                    "{what}: {path} replaces"
                );
                assert!(!at(&f.prior, path).is_zero() || !at(&planned.state, path).is_zero(), "{what}");
            }
            // With the edited attribute or block ignored there is nothing to do.
            let top = AttributePath(e.within.0[..1].to_vec());
            let ignored = with(&e.config, &top, at(&f.prior, &top).clone());
            let ignored = rule::plan(block, &ignored, &f.prior);
            assert!(!ignored.changed, "{what}, ignored: {:?}", differences(block, &f.prior, &ignored.state));
            let n = count.entry(e.kind).or_default();
            n.0 += 1;
            n.1 += usize::from(planned.changed);
            n.2 += usize::from(!planned.requires_replace.is_empty());
        }
    }
    let mut all = 0;
    for (kind, (n, changed, replaced)) in &count {
        eprintln!("{kind}: {n} edits, {changed} show a change, {replaced} of them a replacement");
        all += n;
    }
    eprintln!("{all} edits");
    assert!(all > 2000);
}

/// Every optional or required attribute unknown in turn, every element of a collection, every block.
#[test]
fn what_is_unknown_stays_open_and_keeps_its_promises() {
    let o = Official::load();
    let (mut attributes, mut elements, mut blocks, mut finals) = (0, 0, 0, 0);
    for f in &o.fixtures {
        let block = &o.blocks[&f.type_name];
        let mut variants: Vec<(Dynamic, AttributePath, bool, Option<AttributePath>)> = vec![];
        let (attribute_sites, block_sites) = sites(block, &f.config);
        for s in attribute_sites.iter().filter(|s| s.attribute.optional || s.attribute.required) {
            variants.push((
                with(&f.config, &s.path, Dynamic::Unknown),
                s.path.clone(),
                s.attribute.name == "label",
                s.set.clone(),
            ));
            attributes += 1;
            let inner = match at(&f.config, &s.path) {
                Dynamic::List(x) => (0..x.len()).map(|i| s.path.clone().index(i)).collect(),
                Dynamic::Map(m) => m.keys().map(|k| s.path.clone().key(k)).collect(),
                _ => vec![],
            };
            for p in inner {
                elements += 1;
                variants.push((with(&f.config, &p, Dynamic::Unknown), s.path.clone(), false, s.set.clone()));
            }
        }
        for s in &block_sites {
            blocks += 1;
            variants.push((with(&f.config, &s.path, Dynamic::Unknown), s.path.clone(), false, s.set.clone()));
        }
        let all_edits = edits(block, f);
        let finals_of: Vec<_> =
            all_edits.iter().map(|e| rule::plan(block, &e.config, &f.prior).state).collect();
        let same_final = rule::plan(block, &f.config, &f.prior).state;
        let same_creation = rule::plan(block, &f.config, &Dynamic::Null).state;
        for (config, path, renames, set) in variants {
            let what = format!("{}: {path} unknown", f.name);
            let planned = rule::plan(block, &config, &f.prior);
            assert_eq!(refused(block, &f.prior, &config, &planned), [""; 0], "{what}");
            assert!(planned.changed, "{what}");
            if set.is_none() {
                assert_eq!(at(&planned.state, &path), at(&config, &path), "{what}");
            }
            let within = seen_at(&path, &set);
            let within = if renames { &within.0[..within.0.len() - 1] } else { &within.0[..] };
            for (at, _) in differences(block, &f.prior, &planned.state) {
                assert!(at.0.starts_with(within), "{what}: {at} differs too");
            }
            // It turns out to be what it was, and it turns out to be something else.
            let top = set.as_ref().unwrap_or(&path);
            let mut known = vec![&same_final];
            // Inside a set an edit elsewhere in the set is not what this unknown could have become.
            if set.is_none() && at(&config, &path).is_unknown() {
                known.extend(
                    all_edits.iter().zip(&finals_of).filter(|(e, _)| e.within == *top).map(|(_, s)| s),
                );
            }
            for known in known {
                let broken = check::replan_consistent(block, &planned.state, known);
                assert_eq!(broken, [""; 0], "{what}");
                finals += 1;
            }
            // The same while creating.
            let planned = rule::plan(block, &config, &Dynamic::Null);
            assert_eq!(refused(block, &Dynamic::Null, &config, &planned), [""; 0], "{what}");
            assert_eq!(check::replan_consistent(block, &planned.state, &same_creation), [""; 0], "{what}");
        }
    }
    eprintln!("unknown: {attributes} attributes, {elements} elements, {blocks} blocks; {finals} final plans");
}

/// The helper for edits must not create what does not exist.
#[test]
fn the_helpers_read_and_write_the_same_place() {
    let v = Dynamic::Map([("a".to_owned(), Dynamic::List(vec![1.into(), 2.into()]))].into());
    let path = AttributePath(vec![Step::Name("a".to_owned()), Step::Index(1)]);
    assert_eq!(at(&with(&v, &path, 3.into()), &path), &Dynamic::Int(3));
}
