//! Whatever is declared after whatever was: it is reached in one apply, then nothing is left to do; only what the state has made
//! is ever deleted, and only what the plan has named.
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

fn machine(disks: Vec<DiskModel>) -> M {
    M {
        scsi_controller_count: 2.into(),
        sata_controller_count: 2.into(),
        nvme_controller_count: 1.into(),
        ..config(disks)
    }
}

proptest! {
    #![proptest_config(steady(96))]

    #[test]
    fn converges_and_destroys_only_its_own(first in blocks(4), second in blocks(4), order in any::<u64>()) {
        let mut lab = Lab::default();
        let (state, _) = lab.run(None, &machine(first.clone()), Origin::New).unwrap();
        let controller = lab.devices.controller(Bus::Scsi, 1).unwrap().key;
        lab.devices.push(volume(2500, controller, 12, "volume"));
        lab.devices.push(device(2501, controller, 13, 2, "[ds1] vm/by-hand.vmdk", "hand"));
        let ours: BTreeSet<String> = state.disk.known().unwrap().iter().map(|d| d.uuid.as_str().to_owned()).collect();
        let before = lab.disks();
        // Labels and the order of blocks mean nothing.
        let mut other = second.clone();
        other.iter_mut().enumerate().for_each(|(i, d)| d.label = format!("other{i}").into());
        if !other.is_empty() {
            let by = usize::try_from(order % 7).unwrap() % other.len();
            other.rotate_left(by);
        }
        let mut twin = lab.clone();
        let done = lab.run(Some(&state), &machine(second.clone()), Origin::Machine);
        let done_twin = twin.run(Some(&state), &machine(other), Origin::Machine);
        prop_assert_eq!(done.is_ok(), done_twin.is_ok());
        let Ok((after, told)) = done else { return Ok(()) };
        prop_assert_eq!(lab.deleted.iter().collect::<BTreeSet<_>>(), twin.deleted.iter().collect::<BTreeSet<_>>());
        let strip = |l: &Lab| -> BTreeSet<(String, i64)> { l.disks().into_iter().map(|(at, gib, _)| (at, gib)).collect() };
        prop_assert_eq!(strip(&lab), strip(&twin));
        // What is declared is there.
        if !second.is_empty() {
            prop_assert_eq!(after.disk.known().unwrap().len(), second.len());
        }
        for d in &second {
            let at = convert::declared_address(d).unwrap().to_string();
            prop_assert!(lab.disks().iter().any(|(a, gib, _)| *a == at && *gib == d.size.get()));
        }
        // What is gone was ours, and named; a disk that is kept is not deleted.
        let now: BTreeSet<String> = lab.disks().into_iter().map(|(.., u)| u).collect();
        prop_assert!(now.contains("volume") && now.contains("hand"));
        let gone: Vec<_> = before.iter().filter(|(.., u)| !now.contains(u)).collect();
        prop_assert!(gone.iter().all(|(.., u)| ours.contains(u)));
        let kept = |u: &str| state.disk.known().unwrap().iter().any(|d| d.uuid.as_str() == u && d.keep_on_remove.get());
        let deleted = gone.iter().filter(|(.., u)| !kept(u)).count();
        prop_assert_eq!(told.destroys.len(), deleted);
        // No address loses a disk to get another.
        for (at, gib, uuid) in &gone {
            prop_assert!(!second.is_empty());
            let taken = lab.disks().iter().any(|(a, _, u)| a == at && !before.iter().any(|(.., b)| b == u));
            prop_assert!(!taken, "{} {} {}", at, gib, uuid);
        }
    }

    #[test]
    fn a_clone_keeps_what_the_template_has(
        disks in proptest::sample::subsequence(vec![0, 1, 2, 8, 9], 1..=3),
        sizes in proptest::collection::vec(1_i64..4, 3),
        declared in blocks(4),
    ) {
        let mut devices = Assembly::new_machine(HardwareVersion(19)).devices.into_inner();
        devices.push(pvscsi(1000, 0));
        for (n, (unit, gib)) in disks.iter().zip(&sizes).enumerate() {
            let n = i32::try_from(n).unwrap();
            devices.push(device(2000 + n, 1000, *unit, *gib, "[ds1] tpl/x.vmdk", &format!("tpl-{n}")));
        }
        let mut lab = Lab { devices: Devices::new(devices), ..Lab::default() };
        let wanted = M { clone: vec![Default::default()].into(), ..machine(declared.clone()) };
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
                prop_assert!(!enough || text.contains("cannot shrink"), "{}", text);
            }
        }
    }
}
