use super::super::super::model::{CloneModel, DiskModel};
use super::*;

fn labels(m: &M) -> Vec<(String, String)> {
    let list = m.disk.known().unwrap();
    list.iter().map(|d| (d.label.as_str().to_owned(), d.uuid.as_str().to_owned())).collect()
}

#[test]
fn a_machine_is_made_and_rests() {
    let (lab, state) = made(vec![block("system", 0, 10), block("data", 8, 20)]);
    let at: Vec<_> = lab.disks().into_iter().map(|(at, gib, _)| (at, gib)).collect();
    assert_eq!(at, [("scsi:0:0".to_owned(), 10), ("scsi:0:9".to_owned(), 20)]);
    let disk = &state.disk.known().unwrap()[1];
    assert_eq!((disk.device_address.as_str(), disk.unit_number.get()), ("scsi:0:9", 8));
    assert_eq!(lab.own.0.as_ref().unwrap().len(), 2);
}

#[test]
fn undeclared_disks_are_listed_and_follow_the_virtual_machine() {
    let cloned = |datastore: &str| M {
        clone: vec![CloneModel { template_uuid: "vm-7".into(), ..Default::default() }].into(),
        datastore_id: datastore.into(),
        ..config(vec![])
    };
    assert!(plan_of(None, &cloned("datastore-1")).0.disk.is_unknown());
    // Made from nothing it has none.
    assert_eq!(plan_of(None, &config(vec![])).0.disk, vec![].into());
    let (_, made) = made(vec![block("disk0", 0, 10), block("disk1", 1, 20)]);
    let prior = M { clone: cloned("datastore-1").clone, ..made };
    let (same, effects) = plan_of(Some(&prior), &cloned("datastore-1"));
    assert_eq!((&same.disk, effects), (&prior.disk, Effects::default()));
    let (moved, _) = plan_of(Some(&prior), &cloned("datastore-2"));
    for (d, was) in moved.disk.known().unwrap().iter().zip(prior.disk.known().unwrap()) {
        assert_eq!((d.datastore_id.as_str(), &d.uuid), ("datastore-2", &was.uuid));
        assert!(d.path.is_unknown());
    }
}

#[test]
fn a_label_is_only_a_name() {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let before = lab.disks();
    // Renamed, and exchanged.
    for labels_ in [["x", "b"], ["x", "y"], ["b", "a"]] {
        let (planned, effects) =
            plan_of(Some(&state), &config(vec![block(labels_[0], 0, 10), block(labels_[1], 1, 20)]));
        assert_eq!(effects, Effects::default());
        let uuids: Vec<_> = labels(&planned).into_iter().map(|(_, u)| u).collect();
        assert_eq!(uuids, labels(&state).into_iter().map(|(_, u)| u).collect::<Vec<_>>());
        assert!(!planned.disk.known().unwrap().iter().any(|d| d.key.is_unknown() || d.path.is_unknown()));
        let (state, _) = lab
            .run(
                Some(&state),
                &config(vec![block(labels_[0], 0, 10), block(labels_[1], 1, 20)]),
                Origin::Machine,
            )
            .unwrap();
        assert_eq!(labels(&state)[0].0, labels_[0]);
        assert!(lab.sent.is_empty());
    }
    assert_eq!(lab.disks(), before);
}

#[test]
fn a_key_that_leaves_a_map_takes_its_own_disk_with_it() {
    let (mut lab, state) =
        made(vec![block("root", 0, 1), block("backup", 1, 2), block("data", 2, 2), block("logs", 3, 2)]);
    let less = config(vec![block("root", 0, 1), block("data", 1, 2), block("logs", 2, 2)]);
    let (state, effects) = lab.run(Some(&state), &less, Origin::Machine).unwrap();
    assert_eq!(texts(&effects.destroys).len(), 1);
    assert!(texts(&effects.destroys)[0].contains("the disk \"backup\""), "{effects:?}");
    assert_eq!(lab.deleted, ["[ds1] vm/vm_2.vmdk"]);
    assert_eq!(effects.power_off.len(), 2);
    let is = labels(&state);
    let uuids: Vec<_> = is.iter().map(|(l, u)| (l.as_str(), u.as_str())).collect();
    assert_eq!(uuids, [("root", "made-1"), ("data", "made-3"), ("logs", "made-4")]);
}

#[test]
fn disks_that_take_each_others_addresses_need_two_steps() {
    // The address and the size of the other: it is not the names that are exchanged.
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let exchanged = config(vec![block("a", 1, 10), block("b", 0, 20)]);
    let text = lab.run(Some(&state), &exchanged, Origin::Machine).unwrap_err().diagnostics.to_string();
    assert!(
        text.contains("error at disk[0].unit_number: Disks cannot exchange their addresses in one step"),
        "{text}"
    );
    let (state, _) =
        lab.run(Some(&state), &config(vec![block("a", 2, 10), block("b", 0, 20)]), Origin::Machine).unwrap();
    lab.run(Some(&state), &exchanged, Origin::Machine).unwrap();
    let at = lab.disks();
    assert!(at.contains(&("scsi:0:1".to_owned(), 10, "made-1".to_owned())), "{at:?}");
    assert!(at.contains(&("scsi:0:0".to_owned(), 20, "made-2".to_owned())), "{at:?}");
}

#[test]
fn a_disk_whose_label_is_declared_is_not_deleted() {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let other =
        DiskModel { attach: true.into(), path: "data/y.vmdk".into(), size: Value::Null, ..block("b", 2, 0) };
    let effects =
        lab.run(Some(&state), &config(vec![block("a", 0, 10), other]), Origin::Machine).unwrap_err();
    let text = effects.diagnostics.to_string();
    assert!(
        text.contains("error at disk[1].label: A disk whose label is declared would be deleted"),
        "{text}"
    );
}

#[test]
fn imported_undeclared_disks_are_left_alone() {
    let (mut lab, _) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let mut imported = M { imported: true.into(), ..config(vec![]) };
    observed(&vm(&lab.devices), &M::default(), &lab.own, true, &mut imported);
    let (planned, effects) = plan_of(Some(&imported), &config(vec![block("x", 0, 10)]));
    assert!(effects.destroys.is_empty());
    let text = effects.diagnostics.to_string();
    assert!(
        text.contains("warning at disk: Disks of the imported virtual machine are not declared"),
        "{text}"
    );
    assert!(text.contains("the disk \"disk1\" (scsi:0:1, 20 GiB"), "{text}");
    lab.apply(Some(&imported), &planned, Origin::Machine).unwrap();
    assert!(lab.sent.is_empty() && lab.deleted.is_empty());
}

#[test]
fn labels_of_an_import_tell_nothing() {
    // The import calls the first one disk0 and the second disk1, the configuration the other way round.
    let (mut lab, _) = made(vec![block("a", 0, 10), block("b", 1, 10)]);
    let mut imported = M { imported: true.into(), ..config(vec![]) };
    observed(&vm(&lab.devices), &M::default(), &lab.own, true, &mut imported);
    let more = block("disk2", 2, 5);
    let wanted = config(vec![block("disk1", 0, 10), block("disk0", 1, 10), more]);
    let (planned, effects) = plan_of(Some(&imported), &wanted);
    assert!(effects.power_off.is_empty() && effects.destroys.is_empty());
    // With the first change, the state takes the labels of the configuration.
    assert_eq!(labels(&planned)[0].0, "disk1");
    lab.apply(Some(&imported), &planned, Origin::Machine).unwrap();
    assert_eq!(lab.sent.len(), 1);
}

#[test]
fn a_disk_that_is_no_longer_declared_is_deleted_and_named() {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let (_, effects) = lab.run(Some(&state), &config(vec![block("a", 0, 10)]), Origin::Machine).unwrap();
    let text = texts(&effects.destroys);
    assert_eq!(text, ["disk: the disk \"b\" (scsi:0:1, 20 GiB, vm/vm_2.vmdk) is deleted with what is on it"]);
    assert_eq!(lab.deleted, ["[ds1] vm/vm_2.vmdk"]);
    assert!(effects.power_off.is_empty());
}

#[test]
fn what_is_kept_or_attached_is_detached() {
    let kept = DiskModel { keep_on_remove: true.into(), ..block("b", 1, 20) };
    let attached =
        DiskModel { attach: true.into(), path: "data/x.vmdk".into(), size: Value::Null, ..block("c", 2, 0) };
    let (mut lab, state) = made(vec![block("a", 0, 10), kept, attached]);
    assert_eq!(state.disk.known().unwrap()[2].size.get(), 3);
    let (_, effects) = lab.run(Some(&state), &config(vec![block("a", 0, 10)]), Origin::Machine).unwrap();
    assert!(effects.destroys.is_empty() && lab.deleted.is_empty());
    assert_eq!(lab.disks().len(), 1);
}

#[test]
fn another_file_is_another_disk() {
    let attached = |path: &str| DiskModel {
        attach: true.into(),
        path: path.into(),
        size: Value::Null,
        ..block("c", 1, 0)
    };
    let (mut lab, state) = made(vec![block("a", 0, 10), attached("data/x.vmdk")]);
    // Another spelling is the same file.
    let (planned, _) =
        plan_of(Some(&state), &config(vec![block("a", 0, 10), attached("[ds1] data//x.vmdk")]));
    assert_eq!(planned.disk.known().unwrap()[1].uuid, state.disk.known().unwrap()[1].uuid);
    let (state, effects) = lab
        .run(Some(&state), &config(vec![block("a", 0, 10), attached("data/y.vmdk")]), Origin::Machine)
        .unwrap();
    assert_eq!((effects.destroys.len(), lab.deleted.len(), lab.disks().len()), (0, 0, 2));
    assert_eq!(state.disk.known().unwrap()[1].path.as_str(), "data/y.vmdk");
    // A new one in its place leaves the file alone.
    let (state, _) =
        lab.run(Some(&state), &config(vec![block("a", 0, 10), block("c", 1, 5)]), Origin::Machine).unwrap();
    assert!(lab.deleted.is_empty());
    // And one that was made is not deleted for a file that takes its place.
    let (_, effects) = lab
        .run(Some(&state), &config(vec![block("a", 0, 10), attached("data/z.vmdk")]), Origin::Machine)
        .unwrap();
    assert!(lab.deleted.is_empty() && effects.destroys.is_empty());
    assert!(
        effects.diagnostics.to_string().contains("nothing looks after it any more"),
        "{}",
        effects.diagnostics
    );
}

#[test]
fn a_disk_never_shrinks() {
    let (mut lab, state) = made(vec![block("a", 0, 10)]);
    let effects = lab.run(Some(&state), &config(vec![block("renamed", 0, 9)]), Origin::Machine).unwrap_err();
    let text = effects.diagnostics.to_string();
    assert!(text.contains("error at disk[0].size: A disk cannot be shrunk"), "{text}");
    assert!(text.contains("has 10 GiB, and 9 GiB are declared"), "{text}");
    lab.run(Some(&state), &config(vec![block("a", 0, 11)]), Origin::Machine).unwrap();
    assert_eq!(lab.disks()[0].1, 11);
}

#[test]
fn a_disk_moves_with_what_is_on_it() {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let moved = DiskModel { controller_type: "sata".into(), ..block("b", 3, 20) };
    let with_sata = M { sata_controller_count: 1.into(), ..config(vec![block("a", 0, 10), moved]) };
    let (planned, _) = plan_of(Some(&state), &with_sata);
    let disk = &planned.disk.known().unwrap()[1];
    assert_eq!((disk.uuid.as_str(), disk.device_address.as_str()), ("made-2", "sata:0:3"));
    assert!(disk.key.is_unknown());
    let (_, effects) = lab.run(Some(&state), &with_sata, Origin::Machine).unwrap();
    assert_eq!(
        texts(&effects.power_off),
        ["disk[1]: the disk \"b\" (scsi:0:1): the disk moves from scsi:0:1 to sata:0:3"]
    );
    assert!(lab.deleted.is_empty());
    assert_eq!(lab.disks()[1], ("sata:0:3".to_owned(), 20, "made-2".to_owned()));
}

#[test]
fn more_units_than_the_flat_number_can_tell() {
    let far = DiskModel {
        controller_bus_number: 1.into(),
        controller_unit_number: 64.into(),
        unit_number: Value::Null,
        ..block("far", 0, 5)
    };
    let (lab, state) = made(vec![block("a", 0, 10), far]);
    assert_eq!(lab.disks()[1].0, "scsi:1:64");
    let disk = &state.disk.known().unwrap()[1];
    assert_eq!((disk.controller_unit_number.get(), disk.unit_number.get()), (64, 0));
}

#[test]
fn what_is_not_known_stays_open() {
    let (_, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let open = DiskModel { unit_number: Value::Unknown, ..block("b", 0, 20) };
    let first = config(vec![block("a", 0, 10), open]);
    let (planned, effects) = plan_of(Some(&state), &first);
    let list = planned.disk.known().unwrap();
    assert_eq!(list[0].uuid.as_str(), "made-1");
    assert!(list[1].uuid.is_unknown() && list[1].device_address.is_unknown());
    assert_eq!(effects, Effects::default());
    for unit in [1, 2, 3] {
        let (again, _) = plan_of(Some(&state), &config(vec![block("a", 0, 10), block("b", unit, 20)]));
        let wrong = check::replan_consistent(&M::block(), &planned.write(), &again.write());
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[test]
fn the_form_of_a_disk_is_decided_when_it_is_made() {
    let (mut lab, state) = made(vec![block("a", 0, 10)]);
    let thick = DiskModel { thin_provisioned: false.into(), eagerly_scrub: true.into(), ..block("a", 0, 10) };
    let (after, effects) = lab
        .run(Some(&state), &config(vec![thick.clone()]), Origin::Machine)
        .unwrap_or_else(|e| panic!("{e:#?}"));
    assert!(lab.sent.is_empty() && effects.power_off.is_empty());
    assert_eq!(effects.diagnostics.0.len(), 2);
    assert!(!effects.diagnostics.has_errors());
    // The state says what is true.
    assert!(after.disk.known().unwrap()[0].thin_provisioned.get());
    // A thick disk stays thick where the configuration says nothing of it any more.
    let (mut lab, state) = made(vec![thick]);
    let (planned, effects) = plan_of(Some(&state), &config(vec![block("a", 0, 10)]));
    assert_eq!((&planned.disk, effects), (&state.disk, Effects::default()));
    let (grown, _) = lab.run(Some(&state), &config(vec![block("a", 0, 12)]), Origin::Machine).unwrap();
    assert!(!grown.disk.known().unwrap()[0].thin_provisioned.get());
}

#[test]
fn the_number_of_a_level_is_not_a_difference() {
    let (_, made) = made(vec![block("a", 0, 10)]);
    let real = |count: i64| {
        let disk = DiskModel { io_share_count: count.into(), ..made.disk.known().unwrap()[0].clone() };
        M { disk: vec![disk].into(), ..made.clone() }
    };
    for configured in [Value::Null, Value::Known(1000), Value::Known(500)] {
        let wanted = config(vec![DiskModel { io_share_count: configured, ..block("a", 0, 10) }]);
        let (planned, effects) = plan_of(Some(&real(1000)), &wanted);
        assert_eq!((&planned.disk, effects), (&real(1000).disk, Effects::default()), "{configured:?}");
    }
    let custom =
        DiskModel { io_share_level: "custom".into(), io_share_count: 77.into(), ..block("a", 0, 10) };
    assert_eq!(
        plan_of(Some(&real(1000)), &config(vec![custom])).0.disk.known().unwrap()[0].io_share_count.get(),
        77
    );
}

#[test]
fn a_disk_that_a_snapshot_holds_is_neither_detached_nor_grown() {
    let kept = DiskModel { keep_on_remove: true.into(), ..block("b", 1, 20) };
    let (_, state) = made(vec![block("a", 0, 10), kept.clone()]);
    let held = Held::read(Some(
        &serde_json::json!({ "snapshots": ["before", "after"], "disks": ["made-1", "made-2"] }),
    ));
    let said = |config: &M, held: &Held| {
        let (planned, _) = plan_of(Some(&state), config);
        plan(Some(&state), config, &mut planned.clone(), held).diagnostics.to_string()
    };
    let text = said(&config(vec![block("a", 0, 10)]), &held);
    assert!(text.contains("error at disk: A disk that a snapshot holds cannot be detached"), "{text}");
    assert!(
        text.contains("the snapshots \"before\", \"after\"") && text.contains("Remove the snapshots first"),
        "{text}"
    );
    let text = said(&config(vec![block("a", 0, 11), kept]), &held);
    assert!(text.contains("error at disk[0].size: A disk cannot grow while there is a snapshot"), "{text}");
    assert_eq!(said(&config(vec![block("a", 0, 10)]), &Held::default()), "");
    assert_eq!(Held::read(Some(&held.write())), held);
}

#[test]
fn an_import_may_call_disks_anything() {
    let (lab, _) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let mut imported = M { imported: true.into(), ..config(vec![]) };
    let begun = M::default();
    observed(&vm(&lab.devices), &begun, &lab.own, true, &mut imported);
    let names: Vec<_> = labels(&imported).into_iter().map(|(l, _)| l).collect();
    assert_eq!(names, ["disk0", "disk1"]);
    assert!(imported.disk.known().unwrap()[0].thin_provisioned.get());
    let (planned, effects) =
        plan_of(Some(&imported), &config(vec![block("system", 0, 10), block("data", 1, 20)]));
    assert_eq!(effects, Effects::default());
    assert!(alike(&imported, &planned));
}

#[test]
fn the_order_of_the_disks_does_not_matter() {
    // The official provider sorts the disks of its state by unit, whatever their order in the configuration.
    let (_, state) = made(vec![block("system", 0, 10), block("data", 1, 20)]);
    let (planned, effects) =
        plan_of(Some(&state), &config(vec![block("data", 1, 20), block("system", 0, 10)]));
    assert_eq!(effects, Effects::default());
    assert!(alike(&state, &planned));
    let (grown, _) = plan_of(Some(&state), &config(vec![block("data", 1, 30), block("system", 0, 10)]));
    assert!(!alike(&state, &grown));
    let (renamed, _) = plan_of(Some(&state), &config(vec![block("data", 1, 20), block("root", 0, 10)]));
    assert!(!alike(&state, &renamed));
}

#[test]
fn disks_follow_the_machine_unless_they_say_where_they_are() {
    let own = DiskModel { datastore_id: "datastore-2".into(), ..block("b", 1, 20) };
    let (mut lab, state) = made(vec![block("a", 0, 10), own.clone()]);
    lab.change(VirtualDeviceConfigSpec {
        operation: Some(Operation::Add),
        device: volume(-99, lab.devices.controller(Bus::Scsi, 0).unwrap().key, 5, "theirs"),
        ..Default::default()
    });
    let to = M { datastore_id: "datastore-3".into(), ..config(vec![block("a", 0, 10), own]) };
    let (planned, effects) = plan_of(Some(&state), &to);
    let list = planned.disk.known().unwrap();
    assert_eq!(
        (list[0].datastore_id.as_str(), list[1].datastore_id.as_str()),
        ("datastore-3", "datastore-2")
    );
    assert!(list[0].path.is_unknown() && !list[1].path.is_unknown());
    assert_eq!(effects, Effects::default());
    let all: Vec<_> = moves(&planned, &lab.devices).into_iter().map(|m| (m.datastore, m.moves)).collect();
    let expected = [("datastore-3", true), ("datastore-2", false), ("datastore-1", false)];
    assert_eq!(all, expected.map(|(id, moves)| (id.to_owned(), moves)));
}

#[test]
fn the_datastore_within_a_cluster_does_not_matter() {
    let in_pod =
        |disks| M { datastore_id: Value::Null, datastore_cluster_id: "group-p7".into(), ..config(disks) };
    let mut lab = Lab::default();
    let (state, _) = lab.run(None, &in_pod(vec![block("a", 0, 10)]), Origin::New).unwrap();
    let mut devices = lab.devices.clone().into_inner();
    for d in &mut devices {
        if let Some(VirtualDeviceBackingInfoKind::VirtualDiskFlatVer2BackingInfo(b)) =
            device_mut(d).and_then(|d| d.backing.as_deref_mut())
        {
            b.base.datastore = Some(MoRef::new("Datastore", "datastore-9"));
            b.base.file_name = "[ds9] vm/vm_7.vmdk".to_owned();
        }
    }
    lab.devices = Devices::new(devices);
    let state = lab.read(&state);
    assert_eq!(state.disk.known().unwrap()[0].datastore_id.as_str(), "datastore-9");
    let (planned, effects) = plan_of(Some(&state), &in_pod(vec![block("a", 0, 10)]));
    assert_eq!((&planned.disk, effects), (&state.disk, Effects::default()));
    assert!(moves(&planned, &lab.devices).iter().all(|m| !m.moves));
    // Another cluster is another choice.
    let other = M { datastore_cluster_id: "group-p8".into(), ..in_pod(vec![block("a", 0, 10)]) };
    let (planned, _) = plan_of(Some(&state), &other);
    assert!(planned.disk.known().unwrap()[0].datastore_id.is_unknown());
    assert!(moves(&planned, &lab.devices).is_empty());
}

#[test]
fn use_changes_while_it_runs_where_it_can() {
    for (change, off) in [
        (DiskModel { io_limit: 500.into(), ..block("a", 0, 10) }, 0),
        (DiskModel { io_share_level: "custom".into(), io_share_count: 77.into(), ..block("a", 0, 10) }, 0),
        (DiskModel { io_reservation: 5.into(), ..block("a", 0, 10) }, 0),
        (DiskModel { storage_policy_id: "gold".into(), ..block("a", 0, 10) }, 0),
        (DiskModel { disk_mode: "independent_persistent".into(), ..block("a", 0, 10) }, 1),
        (DiskModel { disk_sharing: "sharingMultiWriter".into(), ..block("a", 0, 10) }, 1),
        (DiskModel { write_through: true.into(), ..block("a", 0, 10) }, 1),
    ] {
        let (mut lab, state) = made(vec![block("a", 0, 10)]);
        let (_, effects) = lab.run(Some(&state), &config(vec![change.clone()]), Origin::Machine).unwrap();
        assert_eq!(effects.power_off.len(), off, "{change:?}");
        assert_eq!(lab.sent.len(), 1, "{change:?}");
        assert_eq!(lab.sent[0].profile.len(), usize::from(change.storage_policy_id.known().is_some()));
    }
}

#[test]
fn ide_wants_the_machine_off() {
    let ide = |unit, size| DiskModel { controller_type: "ide".into(), ..block("i", unit, size) };
    let (mut lab, state) = made(vec![block("a", 0, 10)]);
    let (state, effects) =
        lab.run(Some(&state), &config(vec![block("a", 0, 10), ide(2, 5)]), Origin::Machine).unwrap();
    assert_eq!(effects.power_off.len(), 1);
    let (state, effects) =
        lab.run(Some(&state), &config(vec![block("a", 0, 10), ide(2, 6)]), Origin::Machine).unwrap();
    assert_eq!(effects.power_off.len(), 1);
    let (_, effects) = lab.run(Some(&state), &config(vec![block("a", 0, 10)]), Origin::Machine).unwrap();
    assert_eq!((effects.power_off.len(), lab.deleted.len()), (1, 1));
}

#[test]
fn states_of_the_official_provider_plan_no_change_of_disks() {
    let text = include_str!("../../../../../acceptance-tests/reference/official-states.json");
    let all: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut seen = 0;
    for fixture in all["fixtures"].as_array().unwrap() {
        if fixture["type"] != "vsphere_virtual_machine" {
            continue;
        }
        let read = |part: &str| {
            let v = tf_framework::json::decode(&M::block().ty(), &fixture[part]).unwrap();
            M::read(&v, &AttributePath::root()).unwrap()
        };
        let (prior, config) = (read("prior"), read("config"));
        let (planned, effects) = plan_of(Some(&prior), &config);
        assert_eq!(planned.disk, prior.disk);
        assert_eq!((planned.scsi_type, planned.scsi_bus_sharing), (prior.scsi_type, prior.scsi_bus_sharing));
        assert_eq!(effects, Effects::default());
        seen += 1;
    }
    assert!(seen >= 18, "{seen}");
}

#[test]
fn a_disk_that_is_not_persistent_is_warned_of_once() {
    let mode = |mode: &str| config(vec![DiskModel { disk_mode: mode.into(), ..block("data", 0, 10) }]);
    let warned = |prior: Option<&M>, config: &M| {
        plan_of(prior, config).1.diagnostics.0.into_iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
    };
    for (discards, to) in [
        (false, "persistent"),
        (false, "independent_persistent"),
        (true, "nonpersistent"),
        (true, "independent_nonpersistent"),
    ] {
        let at = if discards { vec!["disk[0].disk_mode"] } else { vec![] };
        assert_eq!(warned(None, &mode(to)), at, "{to}");
        let (_, state) = made(vec![block("data", 0, 10)]);
        assert_eq!(warned(Some(&state), &mode(to)), at, "{to}");
        let (_, state) = made(vec![DiskModel { disk_mode: to.into(), ..block("data", 0, 10) }]);
        assert!(warned(Some(&state), &mode(to)).is_empty(), "{to}");
    }
}
