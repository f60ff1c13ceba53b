//! The states that the official provider wrote: adopting them changes nothing, reading them neither.
use crate::official::Official;
use crate::values::{at, changed, differences, served, sites, with, zero};
use tf_framework::{Attribute, Block, Dynamic, Nesting, Object, check, rule};

#[test]
fn the_same_configuration_changes_nothing() {
    let o = Official::load();
    let mut legacy = vec![];
    for f in &o.fixtures {
        let block = &o.blocks[&f.type_name];
        let planned = rule::plan(block, &f.config, &f.prior);
        assert_eq!(differences(block, &f.prior, &planned.state), [], "{}", f.name);
        assert!(!planned.changed && planned.requires_replace.is_empty(), "{}", f.name);
        assert!(rule::equal(block, &planned.state, &f.prior), "{}", f.name);
        let wrong = check::plan_valid(block, &f.prior, &f.config, &planned.state);
        if planned.legacy {
            legacy.push(f.name.as_str());
            assert!(wrong.iter().all(|w| w.starts_with("disk: planned ")), "{}: {wrong:?}", f.name);
            assert_eq!(wrong.len(), 1, "{}: the flag is there for a reason", f.name);
        } else {
            assert_eq!(wrong, [""; 0], "{}", f.name);
        }
    }
    assert_eq!(o.fixtures.len(), 100);
    // Two virtual machines from a template with undeclared disks.
    let names: Vec<_> = legacy.iter().map(|n| n.rsplit(' ').next().unwrap()).collect();
    assert_eq!(names, ["vm_ova_local", "vm_ovf_local"]);
}

/// Why optional attributes are served as computed, and why the rule needs the defaults.
#[test]
fn without_its_two_ingredients_the_rule_fails() {
    fn each(block: &Block, edit: &dyn Fn(&mut Attribute)) -> Block {
        let mut block = block.clone();
        block.attributes.iter_mut().for_each(edit);
        for n in &mut block.blocks {
            n.block = each(&n.block, edit);
        }
        block
    }
    let o = Official::load();
    let (mut used, mut changed, mut replaced) = (0, 0, 0);
    for f in &o.fixtures {
        let block = &o.blocks[&f.type_name];
        let kept = rule::plan(block, &f.config, &f.prior).state;
        let (sites, _) = sites(block, &kept);
        used += usize::from(sites.iter().any(|s| {
            s.set.is_none()
                && !s.attribute.computed
                && s.attribute.optional
                && at(&f.config, &s.path).is_null()
                && !at(&kept, &s.path).is_null()
        }));
        let bare = each(block, &|a| a.default = None);
        let planned = rule::plan(&bare, &f.config, &f.prior);
        changed += usize::from(planned.changed);
        replaced += usize::from(!planned.requires_replace.is_empty());
    }
    eprintln!(
        "{used} states need optional served as computed; without defaults {changed} change, {replaced} are replaced"
    );
    assert!(used > 40 && changed > 40 && replaced > 0);
}

#[test]
fn creating_each_of_them_is_consistent() {
    let o = Official::load();
    for f in &o.fixtures {
        let block = &o.blocks[&f.type_name];
        let planned = rule::plan(block, &f.config, &Dynamic::Null);
        assert!(planned.changed && !planned.legacy && planned.requires_replace.is_empty(), "{}", f.name);
        assert_eq!(
            check::plan_valid(block, &Dynamic::Null, &f.config, &planned.state),
            [""; 0],
            "{}",
            f.name
        );
        let new = rule::settle_apply(block, &planned.state, &served(block, &planned.state, 1));
        assert_eq!(check::apply_consistent(block, &planned.state, &new), [""; 0], "{}", f.name);
        let again = rule::plan(block, &f.config, &new);
        assert!(!again.changed, "{}: {:?}", f.name, differences(block, &new, &again.state));
        // What the official provider would have read back also fits, wherever the plan left room.
        let new = rule::settle_apply(block, &planned.state, &f.prior);
        assert_eq!(check::apply_consistent(block, &planned.state, &new), [""; 0], "{}", f.name);
        assert!(!rule::plan(block, &f.config, &new).changed, "{}", f.name);
    }
}

/// With everything ignored, core sends the prior state as the configuration.
#[test]
fn ignoring_every_change_changes_nothing() {
    let o = Official::load();
    for f in &o.fixtures {
        let block = &o.blocks[&f.type_name];
        let planned = rule::plan(block, &f.prior, &f.prior);
        assert!(!planned.changed && !planned.legacy, "{}", f.name);
        assert_eq!(check::plan_valid(block, &f.prior, &f.prior, &planned.state), [""; 0], "{}", f.name);
    }
}

/// The value, every zero in it written in the other way, every set turned round.
fn rewritten(block: &Block, v: &Dynamic) -> Dynamic {
    let mut out = Object::new();
    for a in &block.attributes {
        let v = match v.get(a.name) {
            Dynamic::Null => zero(&a.ty),
            v if v.is_zero() => Dynamic::Null,
            Dynamic::List(x) if matches!(a.ty, tf_framework::Type::Set(_)) => {
                Dynamic::List(x.iter().rev().cloned().collect())
            }
            v => v.clone(),
        };
        out.insert(a.name.to_owned(), v);
    }
    for n in &block.blocks {
        let each = |v: &Dynamic| rewritten(&n.block, v);
        let v = match (n.nesting, v.get(n.name)) {
            (Nesting::Single, Dynamic::Null) => Dynamic::Null,
            (Nesting::Single, v) => each(v),
            (Nesting::Set, v) => Dynamic::List(v.items().iter().rev().map(each).collect()),
            (_, v) => Dynamic::List(v.items().iter().map(each).collect()),
        };
        out.insert(n.name.to_owned(), v);
    }
    Dynamic::Map(out)
}

#[test]
fn read_keeps_the_spelling_of_the_state() {
    let o = Official::load();
    let mut drifts = 0;
    for f in &o.fixtures {
        let block = &o.blocks[&f.type_name];
        assert_eq!(rule::settle_read(block, &f.prior, &f.prior), f.prior, "{}", f.name);
        let read = rule::settle_read(block, &f.prior, &rewritten(block, &f.prior));
        assert_eq!(read, f.prior, "{}", f.name);
        // An import has nothing to compare with, and takes what there is.
        assert_eq!(rule::settle_read(block, &Dynamic::Null, &f.prior), f.prior, "{}", f.name);
        assert_eq!(rule::settle_read(block, &f.prior, &Dynamic::Null), Dynamic::Null, "{}", f.name);
        // Only the change outside the provider is reported.
        let (sites, _) = sites(block, &f.prior);
        for s in sites.iter().filter(|s| s.set.is_none() && !s.attribute.volatile) {
            if s.attribute.name == "label" {
                continue; // another, undeclared disk
            }
            let other = changed(&s.attribute.ty, at(&f.prior, &s.path));
            let found = with(&rewritten(block, &f.prior), &s.path, other.clone());
            let read = rule::settle_read(block, &f.prior, &found);
            let expected: Vec<_> = if other.is_zero() && at(&f.prior, &s.path).is_zero() {
                vec![]
            } else {
                vec![(s.path.clone(), 1)]
            };
            assert_eq!(differences(block, &f.prior, &read), expected, "{} {}", f.name, s.path);
            drifts += 1;
        }
    }
    eprintln!("{drifts} drifts seen");
}
