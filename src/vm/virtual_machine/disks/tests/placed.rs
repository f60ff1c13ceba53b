//! Disks that do not declare their addresses.
use super::super::super::model::DiskModel;
use super::*;

/// A disk without an address.
fn open(label: &str, size: i64) -> DiskModel {
    DiskModel { unit_number: Value::Null, ..block(label, 0, size) }
}

fn addresses(lab: &Lab) -> Vec<String> {
    lab.disks().into_iter().map(|(at, ..)| at).collect()
}

/// In the order of the blocks.
fn stated(state: &M) -> Vec<String> {
    state.disk.get().into_iter().map(|d| d.device_address.get()).collect()
}

#[test]
fn disks_get_addresses_and_keep_them() {
    let (mut lab, state) = made(vec![open("a", 10), block("b", 0, 20), open("c", 30)]);
    assert_eq!(stated(&state), ["scsi:0:1", "scsi:0:0", "scsi:0:2"]);
    let (planned, effects) =
        plan_of(Some(&state), &config(vec![open("a", 10), block("b", 0, 20), open("c", 30)]));
    assert_eq!((&planned.disk, effects), (&state.disk, Effects::default()));
    // Without one of them, the others stay where they are.
    let (state, _) =
        lab.run(Some(&state), &config(vec![block("b", 0, 20), open("c", 30)]), Origin::Machine).unwrap();
    assert_eq!(stated(&state), ["scsi:0:0", "scsi:0:2"]);
    assert_eq!(lab.deleted.len(), 1);
    lab.deleted.clear();
    // A new one takes the free place, wherever its block is.
    lab.run(Some(&state), &config(vec![open("new", 5), block("b", 0, 20), open("c", 30)]), Origin::Machine)
        .unwrap();
    let sizes: BTreeMap<String, i64> = lab.disks().into_iter().map(|(at, gib, _)| (at, gib)).collect();
    assert_eq!(
        sizes,
        [("scsi:0:0", 20), ("scsi:0:1", 5), ("scsi:0:2", 30)].map(|(a, n)| (a.to_owned(), n)).into()
    );
    assert!(lab.deleted.is_empty());
}

#[test]
fn a_controller_alone_is_enough() {
    let on = |n: i64| DiskModel { controller_bus_number: n.into(), ..open("a", 10) };
    let (mut lab, state) = made(vec![on(1)]);
    assert_eq!(addresses(&lab), ["scsi:1:0"]);
    let (planned, effects) = plan_of(Some(&state), &config(vec![on(1)]));
    assert_eq!((&planned.disk, effects), (&state.disk, Effects::default()));
    lab.run(Some(&state), &config(vec![on(2)]), Origin::Machine).unwrap();
    assert_eq!((addresses(&lab), lab.deleted.len()), (vec!["scsi:2:0".to_owned()], 0));
}

#[test]
fn the_removal_of_the_first_disk_is_a_warning() {
    let (_, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    for (left, warns) in [(block("b", 1, 20), true), (block("a", 0, 10), false)] {
        let (_, effects) = plan_of(Some(&state), &config(vec![left]));
        assert_eq!(effects.diagnostics.to_string().contains("The first disk is removed"), warns);
    }
}

#[test]
fn a_path_that_is_not_that_of_the_disk_is_a_warning() {
    let (_, state) = made(vec![block("a", 0, 10)]);
    let is = state.disk.get()[0].path.get();
    for (prior, path, warns) in [
        (Some(&state), is.as_str(), false),
        (Some(&state), "other/a.vmdk", true),
        (None, "a/a.vmdk", true),
        (None, "", false),
    ] {
        let with = DiskModel { path: path.into(), ..block("a", 0, 10) };
        let (_, effects) = plan_of(prior, &config(vec![with]));
        assert_eq!(effects.diagnostics.to_string().contains("`path` requires `attach`"), warns, "{path}");
    }
}
