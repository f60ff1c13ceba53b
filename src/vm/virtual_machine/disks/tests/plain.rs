//! The planners, on plain values.
use super::super::controllers::{self, Change, Declared, Present, Sharing, Wanted};
use super::super::planner::{self, Aspect, Fit, Traits};
use super::steady;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use vsphere_client::device::{Address, Bus, ControllerType};

fn traits(uuid: &str, unit: i32, gib: i64) -> Traits {
    Traits {
        uuid: Some(uuid.to_owned()).filter(|u| !u.is_empty()),
        address: Some(Address::new(Bus::Scsi, 0, unit)),
        gib: Some(gib).filter(|n| *n > 0),
        ..Traits::default()
    }
}

fn file(unit: i32, file: &str, attached: bool) -> Traits {
    Traits { file: Some(file.to_owned()), attached, ..traits("", unit, 0) }
}

#[test]
fn partners() {
    let there = [traits("a", 0, 10), traits("b", 1, 20), traits("c", 2, 20)];
    for (wanted, fit, expected) in [
        // The UUID goes before the address, the address before the size.
        (vec![traits("b", 0, 10)], Fit::Same, vec![Some(1)]),
        (vec![traits("", 1, 10)], Fit::Same, vec![Some(1)]),
        (vec![traits("", 5, 10)], Fit::Same, vec![Some(0)]),
        // Of several of one size, the first; whatever the order of the blocks.
        (vec![traits("", 6, 20), traits("", 5, 20)], Fit::Same, vec![Some(2), Some(1)]),
        // Another size is another disk, but to a template.
        (vec![traits("", 5, 30)], Fit::Same, vec![None]),
        (vec![traits("", 5, 30)], Fit::All, vec![Some(0)]),
        // No size is any size.
        (vec![traits("", 5, 0)], Fit::Same, vec![Some(0)]),
        // A UUID that no longer exists: the disk in the place.
        (vec![traits("z", 2, 20)], Fit::Same, vec![Some(2)]),
        // None takes what another one has by a better right.
        (vec![traits("", 5, 10), traits("", 0, 10)], Fit::Same, vec![None, Some(0)]),
    ] {
        assert_eq!(planner::pair(&wanted, &there, fit), expected, "{wanted:?}");
    }
}

#[test]
fn files_that_are_attached() {
    let there = [file(0, "a", true), file(1, "b", false), file(2, "c", true)];
    for (wanted, expected) in [
        (file(5, "c", true), Some(2)),
        (file(0, "x", true), None),
        (file(1, "b", true), Some(1)),
        (file(1, "x", true), None),
        (Traits { file: None, ..file(0, "", false) }, Some(1)),
        (Traits { file: None, ..file(1, "", false) }, Some(1)),
    ] {
        let sized = Traits { gib: if wanted.attached { None } else { Some(9) }, ..wanted };
        let expected = if sized.address == Some(Address::new(Bus::Scsi, 0, 0)) { None } else { expected };
        assert_eq!(planner::pair(std::slice::from_ref(&sized), &there, Fit::Same), [expected], "{sized:?}");
    }
}

#[test]
fn what_a_running_machine_cannot_take() {
    let grow = Aspect::Grow { from: 1, to: 2 };
    for bus in [Bus::Scsi, Bus::Sata, Bus::Nvme] {
        assert_eq!(planner::cold_edit(&grow, Some(bus)), None);
        assert!(!planner::cold_bus(Some(bus)));
    }
    assert!(planner::cold_edit(&grow, Some(Bus::Ide)).is_some());
    assert!(planner::cold_bus(Some(Bus::Ide)));
}

fn present(key: i32, ty: ControllerType, number: i32) -> Present {
    let sharing = (ty.bus() == Bus::Scsi).then_some(Sharing::None);
    Present { key, ty, number, sharing }
}

#[test]
fn controllers_are_added_shared_and_replaced() {
    use ControllerType::{Ahci, Ide, LsiLogic, Nvme, ParaVirtual};
    let scsi = |count| Wanted { counts: BTreeMap::from([(Bus::Scsi, count)]), ..Wanted::default() };
    let add = |ty, number| Change::Add { ty, number, sharing: Sharing::None };
    let there = [present(1000, LsiLogic, 0), present(200, Ide, 0)];
    for (wanted, expected) in [
        (scsi(1), vec![]),
        (scsi(0), vec![]),
        (Wanted { scsi: Some(LsiLogic), ..scsi(1) }, vec![]),
        // An undeclared controller is like the first one.
        (scsi(2), vec![add(LsiLogic, 1)]),
        (
            Wanted { scsi: Some(ParaVirtual), ..scsi(2) },
            vec![
                Change::Replace {
                    key: 1000,
                    number: 0,
                    from: LsiLogic,
                    to: ParaVirtual,
                    sharing: Sharing::None,
                },
                add(ParaVirtual, 1),
            ],
        ),
        // One that is not counted is left alone.
        (Wanted { scsi: Some(ParaVirtual), ..scsi(0) }, vec![]),
        (
            Wanted { sharing: Some(Sharing::Physical), ..scsi(1) },
            vec![Change::Share { key: 1000, bus: Bus::Scsi, number: 0, sharing: Sharing::Physical }],
        ),
        // Those that disks hang on are needed, counted or not; of IDE there are two.
        (
            Wanted {
                used: BTreeSet::from([(Bus::Sata, 2), (Bus::Nvme, 0), (Bus::Ide, 1), (Bus::Scsi, 0)]),
                ..Wanted::default()
            },
            vec![add(Ahci, 2), add(Nvme, 0)],
        ),
    ] {
        assert_eq!(controllers::changes(&there, &wanted), expected, "{wanted:?}");
    }
}

#[test]
fn what_controllers_agree_on() {
    assert_eq!(controllers::agreed([].into_iter()), None);
    assert_eq!(controllers::agreed(["a", "a"].into_iter()), Some("a"));
    assert_eq!(controllers::agreed(["a", "b"].into_iter()), Some("mixed"));
}

fn apply(present: &mut Vec<Present>, changes: Vec<Change>) {
    for change in changes {
        match change {
            Change::Add { ty, number, sharing } => {
                let taken = present.iter().any(|c| c.ty.bus() == ty.bus() && c.number == number);
                assert!(!taken, "two controllers of one number");
                let sharing = (ty.bus() != Bus::Sata).then_some(sharing);
                present.push(Present { key: 5000 + number, ty, number, sharing });
            }
            Change::Share { key, sharing, .. } => {
                present.iter_mut().find(|c| c.key == key).unwrap().sharing = Some(sharing);
            }
            Change::Replace { key, number, to, sharing, .. } => {
                let c = present.iter_mut().find(|c| c.key == key).unwrap();
                assert_eq!(c.number, number);
                (c.ty, c.sharing) = (to, Some(sharing));
            }
        }
    }
}

/// Blocks of controllers, each of a type and a sharing that its bus has.
fn own_blocks() -> impl Strategy<Value = BTreeMap<(Bus, i32), Declared>> {
    use proptest::option::of;
    use proptest::sample::select;
    let types = of(select(vec![ControllerType::ParaVirtual, ControllerType::LsiLogic]));
    let sharing = of(select(vec![Sharing::None, Sharing::Physical]));
    let one = (select(vec![Bus::Scsi, Bus::Sata, Bus::Nvme]), 0..4, types, sharing);
    proptest::collection::vec(one, 0..5).prop_map(|all| {
        let declared = |(bus, number, ty, sharing): (Bus, i32, Option<ControllerType>, Option<Sharing>)| {
            let ty = ty.filter(|_| bus == Bus::Scsi);
            ((bus, number), Declared { ty, sharing: sharing.filter(|_| bus != Bus::Sata) })
        };
        all.into_iter().map(declared).collect()
    })
}

#[test]
fn a_block_is_about_its_controller_alone() {
    use ControllerType::{Ahci, LsiLogic, LsiLogicSas, Nvme, ParaVirtual};
    let all = |own: &[((Bus, i32), Declared)]| Wanted {
        counts: BTreeMap::from([(Bus::Scsi, 2)]),
        scsi: Some(ParaVirtual),
        sharing: Some(Sharing::None),
        own: own.iter().copied().collect(),
        ..Wanted::default()
    };
    let is = |ty, sharing| Declared { ty, sharing };
    let (physical, add) =
        (Some(Sharing::Physical), |ty, number, sharing| Change::Add { ty, number, sharing });
    let there = [present(1000, LsiLogic, 0), present(1001, ParaVirtual, 1)];
    for (own, expected, cold) in [
        // Left as it is, although another type is declared for all.
        (vec![((Bus::Scsi, 0), is(None, None))], vec![], 0),
        (
            vec![((Bus::Scsi, 0), is(None, None)), ((Bus::Scsi, 1), is(Some(ParaVirtual), physical))],
            vec![Change::Share { key: 1001, bus: Bus::Scsi, number: 1, sharing: Sharing::Physical }],
            1,
        ),
        (
            vec![((Bus::Scsi, 0), is(Some(LsiLogicSas), None))],
            vec![Change::Replace {
                key: 1000,
                number: 0,
                from: LsiLogic,
                to: LsiLogicSas,
                sharing: Sharing::None,
            }],
            1,
        ),
        (
            vec![
                ((Bus::Scsi, 0), is(None, None)),
                ((Bus::Scsi, 3), is(Some(LsiLogicSas), physical)),
                ((Bus::Sata, 1), is(None, None)),
                ((Bus::Nvme, 0), is(None, physical)),
            ],
            vec![
                add(LsiLogicSas, 3, Sharing::Physical),
                add(Ahci, 1, Sharing::None),
                add(Nvme, 0, Sharing::Physical),
            ],
            0,
        ),
    ] {
        let changes = controllers::changes(&there, &all(&own));
        assert_eq!(changes, expected, "{own:?}");
        assert_eq!(changes.iter().filter_map(controllers::cold).count(), cold, "{own:?}");
    }
}

proptest! {
    #![proptest_config(steady(256))]

    #[test]
    fn controllers_converge_and_rest(
        there in proptest::sample::subsequence((0..4).flat_map(|n| [
            present(1000 + n, if n % 2 == 0 { ControllerType::ParaVirtual } else { ControllerType::LsiLogic }, n),
            present(2000 + n, ControllerType::Ahci, n),
        ]).collect::<Vec<_>>(), 0..=8),
        counts in (0..5, 0..5, 0..5),
        scsi in proptest::option::of(proptest::sample::select(vec![ControllerType::ParaVirtual, ControllerType::LsiLogicSas])),
        sharing in proptest::option::of(proptest::sample::select(vec![Sharing::None, Sharing::Virtual])),
        used in proptest::collection::btree_set((proptest::sample::select(Bus::ALL.to_vec()), 0..2), 0..4),
        own in own_blocks(),
    ) {
        let wanted = Wanted {
            counts: BTreeMap::from([(Bus::Scsi, counts.0), (Bus::Sata, counts.1), (Bus::Nvme, counts.2)]),
            used: used.clone(),
            own: own.clone(),
            scsi,
            sharing,
        };
        let (mut now, before) = (there.clone(), there.len());
        apply(&mut now, controllers::changes(&there, &wanted));
        prop_assert!(now.len() >= before);
        prop_assert_eq!(controllers::changes(&now, &wanted), vec![]);
        for ((bus, number), d) in &own {
            let c = now.iter().find(|c| c.ty.bus() == *bus && c.number == *number);
            prop_assert!(c.is_some_and(|c| d.ty.is_none_or(|ty| ty == c.ty)
                && d.sharing.is_none_or(|s| s == c.sharing.unwrap_or_default())));
        }
        let all = Wanted { own: Default::default(), ..wanted.clone() };
        // What no block is about, it does not change.
        for c in there.iter().filter(|c| !own.contains_key(&(c.ty.bus(), c.number))) {
            let about = |changes: Vec<Change>| changes.into_iter().filter(|change| match change {
                Change::Share { key, .. } | Change::Replace { key, .. } => *key == c.key,
                Change::Add { .. } => false,
            }).collect::<Vec<_>>();
            prop_assert_eq!(about(controllers::changes(&there, &wanted)), about(controllers::changes(&there, &all)));
        }
        for (bus, number) in used.iter().filter(|(bus, _)| *bus != Bus::Ide) {
            prop_assert!(now.iter().any(|c| c.ty.bus() == *bus && c.number == *number));
        }
        // Nothing happens to a controller that is not counted and has no block.
        let left = |c: &&Present| c.number >= counts.0 && !own.contains_key(&(Bus::Scsi, c.number));
        for c in there.iter().filter(|c| c.ty.bus() == Bus::Scsi).filter(left) {
            prop_assert!(now.contains(c));
        }
    }

    /// Each has one partner at most, and the order in which they are listed plays no part.
    #[test]
    fn pairing_is_blind_to_order(
        wanted in proptest::collection::btree_map(0..9, 1_i64..4, 0..6),
        there in proptest::collection::btree_map(0..9, 1_i64..4, 0..6),
        all in any::<bool>(),
    ) {
        let list = |m: &BTreeMap<i32, i64>, rev: bool| -> Vec<Traits> {
            let mut list: Vec<_> = m.iter().map(|(unit, gib)| traits("", *unit, *gib)).collect();
            if rev { list.reverse(); }
            list
        };
        let fit = if all { Fit::All } else { Fit::Same };
        let run = |r1, r2| -> BTreeMap<Option<Address>, Option<Address>> {
            let (w, t) = (list(&wanted, r1), list(&there, r2));
            let to = planner::pair(&w, &t, fit);
            w.iter().zip(to).map(|(w, p)| (w.address, p.and_then(|p| t[p].address))).collect()
        };
        let first = run(false, false);
        prop_assert_eq!(&first, &run(true, false));
        prop_assert_eq!(&first, &run(false, true));
        let taken: Vec<_> = first.values().flatten().collect();
        prop_assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), taken.len());
        for (at, partner) in &first {
            let unit = at.unwrap().unit;
            prop_assert!(!there.contains_key(&unit) || partner == at);
        }
        if all {
            prop_assert_eq!(taken.len(), wanted.len().min(there.len()));
        }
    }
}
