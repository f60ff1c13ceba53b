//! Whatever is declared after whatever was: it is reached in one apply, then nothing is left to do; only what the state has made
//! is ever deleted, and only what the plan has named.
use super::super::super::model::{ControllerModel, DiskModel};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Bus and number, and a label.
type Named = ((&'static str, i64), &'static str);

/// Disks at different addresses, with any labels in any order.
fn blocks(most: usize) -> impl Strategy<Value = Vec<DiskModel>> {
    let places: Vec<(&str, i64)> = vec![
        ("scsi", 0),
        ("scsi", 1),
        ("scsi", 7),
        ("scsi", 15),
        ("sata", 0),
        ("sata", 31),
        ("nvme", 3),
        ("ide", 1),
    ];
    let chosen = proptest::sample::subsequence(places, 0..=most).prop_shuffle();
    let labels = Just(["a", "b", "c", "d", "e", "f", "g", "h"].to_vec()).prop_shuffle();
    let sizes = proptest::collection::vec((1_i64..4, any::<bool>(), 0..4_u8), most);
    (chosen, labels, sizes).prop_map(|(places, labels, sizes)| {
        let one = |((place, label), (size, keep, use_)): (Named, (i64, bool, u8))| DiskModel {
            controller_type: place.0.into(),
            keep_on_remove: keep.into(),
            disk_mode: if use_ == 1 { "independent_persistent".into() } else { Value::Null },
            io_limit: if use_ == 2 { 100.into() } else { Value::Null },
            ..block(label, place.1, size)
        };
        places.into_iter().zip(labels).zip(sizes).map(one).collect()
    })
}

/// Blocks of controllers, each of a type and a sharing mode that its bus has, in any order.
fn controllers() -> impl Strategy<Value = Vec<ControllerModel>> {
    let places: Vec<(&str, i64)> =
        ["scsi", "sata", "nvme"].into_iter().flat_map(|bus| (0..4).map(move |n| (bus, n))).collect();
    let chosen = proptest::sample::subsequence(places, 0..=5).prop_shuffle();
    let said = proptest::collection::vec((0..3_usize, 0..3_usize), 5);
    (chosen, said).prop_map(|(places, said)| {
        let one = |((ty, number), (of_type, sharing)): ((&str, i64), (usize, usize))| ControllerModel {
            scsi_type: match ty {
                "scsi" => [Value::Null, "pvscsi".into(), "lsilogic".into()][of_type].clone(),
                _ => Value::Null,
            },
            sharing: match ty {
                "sata" => Value::Null,
                _ => [Value::Null, "noSharing".into(), "physicalSharing".into()][sharing].clone(),
            },
            ..controller(ty, number)
        };
        places.into_iter().zip(said).map(one).collect()
    })
}

/// A machine, whose controllers are declared by blocks or by attributes.
fn machine(disks: Vec<DiskModel>, controllers: Vec<ControllerModel>) -> M {
    let counts = |bus: &str, n: i64| match controllers.iter().any(|c| c.r#type.as_str() == bus) {
        true => Value::Null,
        false => n.into(),
    };
    M {
        scsi_controller_count: counts("scsi", 2),
        sata_controller_count: counts("sata", 2),
        nvme_controller_count: counts("nvme", 1),
        controller: controllers.into(),
        ..config(disks)
    }
}

const RENAMED: [&str; 2] = ["az", "zz"];

/// The keys of a map; in order, as Terraform has them.
fn keys() -> impl Strategy<Value = BTreeSet<&'static str>> {
    let all = vec!["a", "b", "c", "d", "e", "f"];
    proptest::sample::subsequence(all, 1..=6).prop_map(|keys| keys.into_iter().collect())
}

/// A disk for each key, `alike` or of a size of its own, whose place is the position of the key.
fn of_keys(keys: &BTreeSet<&str>, alike: bool) -> Vec<DiskModel> {
    let size = |key: &str| if alike { 2 } else { i64::from(key.as_bytes()[0] - b'a') + 1 };
    (0_i64..).zip(keys).map(|(i, key)| block(key, i, size(key))).collect()
}

proptest! {
    #![proptest_config(steady(96))]

    #[test]
    fn a_killed_run_is_resumed(
        first in (blocks(4), controllers()),
        second in (blocks(4), controllers()),
        strangers in any::<bool>(),
    ) {
        use super::super::mark::{Left, left, next};
        let mut lab = Lab::default();
        let (state, _) = lab.run(None, &machine(first.0, first.1), Origin::New).unwrap();
        let second = machine(second.0, second.1);
        let mut whole = lab.clone();
        let (planned, effects) = plan_of(Some(&state), &second);
        prop_assume!(!effects.diagnostics.has_errors() && whole.apply(Some(&state), &planned, Origin::Machine).is_ok());
        let before = marked::marked(&lab.devices, None);
        lab.apply(Some(&state), &planned, Origin::Machine).unwrap();
        // The state was not written, and others have come since.
        let mark = next(&before, &planned, &lab.sent, None).map(|(mark, _)| mark);
        if strangers {
            let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
            lab.devices.push(device(2501, controller, 13, 2, "[ds1] vm/by-hand.vmdk", "hand"));
        }
        let now = marked::marked(&lab.devices, mark);
        if let Left::Disks(own, _) = left(&now, &state, &lab.own, None) {
            lab.own = own;
        }
        let others = foreign(&now, &state, &lab.own);
        prop_assert_eq!(others.len(), usize::from(strangers));
        let deleted = lab.deleted.len();
        let read = lab.read(&state);
        let (planned, _) = plan_of(Some(&read), &second);
        lab.apply(Some(&read), &planned, Origin::Machine).unwrap();
        prop_assert!(lab.sent.is_empty(), "{:#?}", lab.sent);
        prop_assert_eq!(lab.deleted.len(), deleted);
        let plain = |lab: &Lab| {
            let mut all = lab.disks();
            all.retain(|(_, _, uuid)| uuid != "hand");
            all
        };
        prop_assert_eq!(plain(&lab), plain(&whole));
        prop_assert_eq!(lab.controllers(), whole.controllers());
    }

    #[test]
    fn converges_and_destroys_only_its_own(
        first in (blocks(4), controllers()),
        (second, of_second) in (blocks(4), controllers()),
        order in any::<u64>(),
    ) {
        let mut lab = Lab::default();
        let (state, _) = lab.run(None, &machine(first.0, first.1), Origin::New).unwrap();
        let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
        lab.devices.push(volume(2500, controller, 12, "volume"));
        lab.devices.push(device(2501, controller, 13, 2, "[ds1] vm/by-hand.vmdk", "hand"));
        let ours: BTreeSet<String> = state.disk.known().unwrap().iter().map(|d| d.uuid.as_str().to_owned()).collect();
        let before = lab.disks();
        // The order of blocks means nothing.
        let mut other = second.clone();
        if !other.is_empty() {
            let by = usize::try_from(order % 7).unwrap() % other.len();
            other.rotate_left(by);
        }
        let mut twin = lab.clone();
        let mut turned = of_second.clone();
        turned.reverse();
        let done = lab.run(Some(&state), &machine(second.clone(), of_second.clone()), Origin::Machine);
        let done_twin = twin.run(Some(&state), &machine(other, turned), Origin::Machine);
        prop_assert_eq!(done.is_ok(), done_twin.is_ok());
        let Ok((after, effects)) = done else { return Ok(()) };
        prop_assert_eq!(lab.deleted.iter().collect::<BTreeSet<_>>(), twin.deleted.iter().collect::<BTreeSet<_>>());
        let strip = |l: &Lab| -> BTreeSet<(String, i64)> { l.disks().into_iter().map(|(at, gib, _)| (at, gib)).collect() };
        prop_assert_eq!(strip(&lab), strip(&twin));
        prop_assert_eq!(lab.controllers(), twin.controllers());
        // What is declared is there.
        for c in &of_second {
            let (bus, number) = convert::block_place(c).unwrap();
            let at = format!("{bus}:{number} ");
            let says = |is: &String| is.starts_with(&at) && is.contains(c.scsi_type.as_str()) && is.contains(c.sharing.as_str());
            prop_assert!(lab.controllers().iter().any(says), "{:?} {:?}", c, lab.controllers());
        }
        if !second.is_empty() {
            prop_assert_eq!(after.disk.known().unwrap().len(), second.len());
        }
        for d in &second {
            let at = convert::declared_address(d).unwrap().to_string();
            prop_assert!(lab.disks().iter().any(|(a, gib, _)| *a == at && *gib == d.size.get()));
        }
        // Removed disks were ours, and named; a disk that is kept is not deleted.
        let now: BTreeSet<String> = lab.disks().into_iter().map(|(.., u)| u).collect();
        prop_assert!(now.contains("volume") && now.contains("hand"));
        let removed: Vec<_> = before.iter().filter(|(.., u)| !now.contains(u)).collect();
        prop_assert!(removed.iter().all(|(.., u)| ours.contains(u)));
        let kept = |u: &str| state.disk.known().unwrap().iter().any(|d| d.uuid.as_str() == u && d.keep_on_remove.get());
        let deleted = removed.iter().filter(|(.., u)| !kept(u)).count();
        prop_assert_eq!(effects.destroys.len(), deleted);
        // No address loses a disk to get another.
        for (at, gib, uuid) in &removed {
            prop_assert!(!second.is_empty());
            let taken = lab.disks().iter().any(|(a, _, u)| a == at && !before.iter().any(|(.., b)| b == u));
            prop_assert!(!taken, "{} {} {}", at, gib, uuid);
        }
        // Without its blocks, all is as it is.
        let controllers = lab.controllers();
        lab.deleted.clear();
        let bare = M { controller: vec![].into(), ..config(second.clone()) };
        let (_, effects) = lab.run(Some(&after), &bare, Origin::Machine).unwrap();
        prop_assert_eq!(effects.power_off, vec![]);
        prop_assert!(lab.sent.is_empty(), "{:#?}", lab.sent);
        prop_assert_eq!(lab.controllers(), controllers);
    }

    /// Disks from a map, as public modules make them: the label is the key, the unit number follows from its position. Keys are
    /// removed, added and renamed, again and again.
    #[test]
    fn a_disk_is_deleted_only_when_its_label_has_left(
        first in keys(),
        later in proptest::collection::vec((keys(), proptest::option::of(any::<proptest::sample::Index>())), 1..=3),
        alike in any::<bool>(),
    ) {
        let mut lab = Lab::default();
        let (mut state, _) = lab.run(None, &config(of_keys(&first, alike)), Origin::New).unwrap();
        let mut before = first;
        for (mut keys, renamed) in later {
            // One key of the former map goes on under another name, at its place or at another.
            if let Some(at) = renamed && !before.is_empty() {
                let old = *at.get(&before.iter().copied().collect::<Vec<_>>());
                if keys.remove(old) {
                    keys.insert(RENAMED[usize::from(alike)]);
                }
            }
            let label_of = |s: &M| -> BTreeMap<String, String> {
                s.disk.known().unwrap().iter().map(|d| (d.uuid.as_str().to_owned(), d.label.as_str().to_owned())).collect()
            };
            let (was, present) = (label_of(&state), lab.disks());
            lab.deleted.clear();
            let next = config(of_keys(&keys, alike));
            match lab.run(Some(&state), &next, Origin::Machine) {
                Ok((after, effects)) => {
                    let now: BTreeSet<String> = lab.disks().into_iter().map(|(.., u)| u).collect();
                    for (.., removed) in present.iter().filter(|(.., u)| !now.contains(u)) {
                        prop_assert!(!keys.contains(was[removed].as_str()), "{} was deleted", was[removed]);
                    }
                    // A block that kept its label kept its disk, at the configured address.
                    let labels = label_of(&after);
                    for (uuid, label) in was.iter().filter(|(_, label)| keys.contains(label.as_str())) {
                        prop_assert_eq!(labels.get(uuid), Some(label));
                    }
                    prop_assert_eq!(effects.destroys.len(), lab.deleted.len());
                    state = after;
                    before = keys;
                }
                // A renamed disk may be taken for one that is larger.
                Err(effects) => {
                    let text = effects.diagnostics.to_string();
                    prop_assert!(text.contains("A disk cannot be shrunk"), "{}", text);
                }
            }
        }
    }

    /// Labels that change places change nothing in vSphere, whatever else the sizes are.
    #[test]
    fn labels_may_change_places(sizes in proptest::collection::vec(1_i64..4, 2..=5), order in any::<u64>()) {
        let disks = |shift: usize| -> Vec<DiskModel> {
            let n = sizes.len();
            (0..n).map(|i| block(&format!("l{}", (i + shift) % n), i64::try_from(i).unwrap(), sizes[i])).collect()
        };
        let (mut lab, state) = made(disks(0));
        let (_, effects) = lab.run(Some(&state), &config(disks(usize::try_from(order % 5).unwrap())), Origin::Machine).unwrap();
        prop_assert_eq!(effects, Effects::default());
        prop_assert!(lab.sent.is_empty());
    }

    #[test]
    fn a_clone_keeps_what_the_template_has(
        disks in proptest::sample::subsequence(vec![0, 1, 2, 8, 9], 1..=3),
        sizes in proptest::collection::vec(1_i64..4, 3),
        declared in blocks(4),
        of_clone in controllers(),
    ) {
        let mut devices = Assembly::new_machine(HardwareVersion(19)).devices.into_inner();
        devices.push(pvscsi(1000, 0));
        for (n, (unit, gib)) in disks.iter().zip(&sizes).enumerate() {
            let n = i32::try_from(n).unwrap();
            devices.push(device(2000 + n, 1000, *unit, *gib, "[ds1] tpl/x.vmdk", &format!("tpl-{n}")));
        }
        let mut lab = Lab { devices: Devices::new(devices), ..Lab::default() };
        let wanted = M { clone: vec![Default::default()].into(), ..machine(declared.clone(), of_clone) };
        if declared.is_empty() {
            return Ok(());
        }
        let enough = declared.len() >= disks.len();
        match lab.run(None, &wanted, Origin::Clone { linked: false }) {
            Ok((state, _)) => {
                prop_assert!(enough);
                prop_assert_eq!(state.disk.known().unwrap().len(), declared.len());
                let cloned = lab.disks().into_iter().filter(|(.., u)| u.starts_with("clone")).count();
                prop_assert!(cloned >= disks.len());
                prop_assert!(lab.deleted.is_empty());
            }
            Err(effects) => {
                let text = effects.diagnostics.to_string();
                prop_assert!(!enough || text.contains("cannot be shrunk"), "{}", text);
            }
        }
    }
}
