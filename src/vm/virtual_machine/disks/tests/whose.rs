use super::super::super::model::DiskModel;
use super::*;
use serde_json::{Value as Json, json};

/// A machine of two disks of ours, and two that others have attached.
fn shared() -> (Lab, M) {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
    lab.devices.push(volume(2500, controller, 5, "volume"));
    lab.devices.push(device(2501, controller, 6, 2, "[ds1] vm/by-hand.vmdk", "hand"));
    (lab, state)
}

#[test]
fn what_others_attach_is_left_where_it_is() {
    let (mut lab, state) = shared();
    let state = lab.read(&state);
    assert_eq!(state.disk.known().unwrap().len(), 2);
    let (_, effects) =
        lab.run(Some(&state), &config(vec![block("a", 0, 12), block("c", 2, 5)]), Origin::Machine).unwrap();
    assert_eq!((effects.destroys.len(), lab.deleted.len()), (1, 1));
    let at: Vec<_> = lab.disks().into_iter().map(|(at, ..)| at).collect();
    assert_eq!(at, ["scsi:0:0", "scsi:0:2", "scsi:0:5", "scsi:0:6"]);
}

#[test]
fn a_taken_place_is_not_used_for_a_disk() {
    let (lab, state) = shared();
    let (planned, _) =
        plan_of(Some(&state), &config(vec![block("a", 0, 10), block("b", 1, 20), block("c", 6, 2)]));
    let (_, effects) = lab.assembled(Some(&state), &planned, Origin::Machine);
    let text = effects.diagnostics.to_string();
    assert!(text.contains("error at disk[2].unit_number: The address of a disk is taken"), "{text}");
    assert!(text.contains("[ds1] vm/by-hand.vmdk"), "{text}");
    assert!(text.contains("scsi:0:2, scsi:0:3, scsi:0:4"), "{text}");
}

#[test]
fn foreign_disks_are_reported_once() {
    let (lab, state) = shared();
    let found = foreign(&vm(&lab.devices), &state, &lab.own);
    let words: Vec<_> = found.iter().map(|f| f.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "the disk at scsi:0:5 ([ds1] fcd/abc.vmdk): the first class disk fcd-1",
            "the disk at scsi:0:6 ([ds1] vm/by-hand.vmdk): not created by this resource",
        ]
    );
    let (new, reported) = news(&found, None);
    assert_eq!(new.len(), 2);
    let (new, again) = news(&found, Some(&reported));
    assert_eq!((new.len(), again), (0, reported.clone()));
    assert_eq!(news(&found[..1], Some(&json!(["hand"]))).0.len(), 1);
    assert_eq!(news(&[], Some(&reported)), (vec![], Json::Null));
}

#[test]
fn before_a_machine_is_destroyed_what_must_stay_is_taken_off() {
    let keep = DiskModel { keep_on_remove: true.into(), ..block("k", 2, 4) };
    let attach =
        DiskModel { attach: true.into(), path: "d/x.vmdk".into(), size: Value::Null, ..block("x", 3, 0) };
    let (mut lab, state) = made(vec![block("a", 0, 10), keep, attach]);
    let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
    lab.devices.push(volume(2500, controller, 5, "volume"));
    lab.devices.push(device(2501, controller, 6, 2, "[ds1] vm/by-hand.vmdk", "hand"));
    let mut out = Assembly::of(lab.devices.clone(), HardwareVersion(19));
    detach_before_destroy(&vm(&lab.devices), &state, &lab.own, &mut out);
    let (specs, _) = out.finish();
    assert!(specs.iter().all(|s| s.file_operation.is_none() && s.operation == Some(Operation::Remove)));
    let units: Vec<_> = specs.iter().filter_map(|s| vsphere_client::device::unit_number(&s.device)).collect();
    assert_eq!(units, [2, 3, 5, 6]);
}

#[test]
fn states_of_the_official_provider_have_no_list() {
    let (lab, state) = shared();
    let own = Own::read(None);
    // Disks that the state does not list are undeclared.
    assert_eq!(foreign(&vm(&lab.devices), &state, &own).len(), 2);
    let mut orphaned = state.clone();
    if let Value::Known(list) = &mut orphaned.disk {
        list.push(DiskModel {
            uuid: "volume".into(),
            path: "fcd/abc.vmdk".into(),
            ..block("orphaned_disk_0", 5, 7)
        });
    }
    let read = Lab { own: own.clone(), ..lab.clone() }.read(&orphaned);
    assert_eq!(read.disk.known().unwrap().len(), 2);
    let (_, effects) = plan_of(Some(&orphaned), &config(vec![block("a", 0, 10), block("b", 1, 20)]));
    assert_eq!(effects, Effects::default());
    let now = vm(&lab.devices);
    let after = own.after_change(&now, &state, &now, &state);
    assert_eq!(Own::read(Some(&after.write())), after);
    assert_eq!(after.0.unwrap().into_iter().collect::<Vec<_>>(), ["made-1", "made-2"]);
}

#[test]
fn the_disks_of_a_machine_that_declares_none_are_its_own() {
    let (mut lab, _) = shared();
    let seen = |lab: &Lab| {
        let mut found = config(vec![]);
        observed(&vm(&lab.devices), &config(vec![]), &lab.own, false, &mut found);
        found
    };
    let state = seen(&lab);
    assert_eq!(state.disk.known().unwrap().len(), 2);
    let (nothing, _) = lab.assembled(Some(&state), &state, Origin::Machine);
    assert!(nothing.is_empty());
    lab.own = Own::default();
    assert_eq!(seen(&lab).disk.known().unwrap().len(), 0);
}

fn owned(own: &Own) -> Vec<&str> {
    own.0.iter().flatten().map(String::as_str).collect()
}

#[test]
fn what_is_attached_while_a_machine_is_made_is_not_its_own() {
    // The first look comes when others have attached their disks already.
    let (lab, _) = shared();
    let plan = plan_of(None, &config(vec![block("a", 0, 10), block("b", 1, 20)])).0;
    let made = to_make(&plan);
    assert_eq!(made, json!({ "at": ["scsi:0:0", "scsi:0:1"] }));
    let own = Own::default().with_made(&vm(&lab.devices), &plan, Some(&made), None);
    assert_eq!(owned(&own), ["made-1", "made-2"]);
    // A copy has what hangs where the disks of its source do.
    let (template, _) = made_of_two();
    let none = config(vec![]);
    let own = Own::default().with_made(&vm(&lab.devices), &none, Some(&to_copy(&template.devices)), None);
    assert_eq!(owned(&own), ["made-1", "made-2"]);
    assert_eq!(Own::default().with_made(&vm(&lab.devices), &none, None, None), Own::default());
}

fn made_of_two() -> (Lab, M) {
    made(vec![block("a", 0, 10), block("b", 1, 20)])
}

#[test]
fn what_is_attached_while_a_machine_changes_is_not_its_own() {
    let (mut lab, state) = made_of_two();
    let plan = plan_of(Some(&state), &config(vec![block("a", 0, 10), block("b", 1, 20), block("c", 2, 5)])).0;
    assert_eq!(to_make(&plan), json!({ "at": ["scsi:0:2"] }));
    let before = vm(&lab.devices);
    let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
    let after = |lab: &Lab, made: Json| {
        let now = vm(&lab.devices);
        lab.own.after_change(&before, &state, &now, &plan).with_made(&now, &plan, Some(&made), Some(&before))
    };
    // One is faster and takes the place: vSphere refuses the change, and nothing was made.
    lab.devices.push(device(2502, controller, 2, 5, "[ds1] vm/by-hand.vmdk", "faster"));
    assert_eq!(owned(&after(&lab, Json::Null)), ["made-1", "made-2"]);
    // The answer was lost: what hangs there is ours if it is what was asked for.
    assert_eq!(owned(&after(&lab, perhaps(to_make(&plan)))), ["faster", "made-1", "made-2"]);
    let of = |gib, file: &str| {
        let mut lab = Lab { own: lab.own.clone(), ..made_of_two().0 };
        lab.devices.push(device(2502, controller, 2, gib, file, "other"));
        lab
    };
    for other in [of(6, "[ds1] vm/vm_9.vmdk"), of(5, "[ds1] backed-up/vm.vmdk")] {
        assert_eq!(owned(&after(&other, perhaps(to_make(&plan)))), ["made-1", "made-2"]);
    }
    // It was done, and others have come beside it.
    let mut beside = of(5, "[ds1] vm/vm_9.vmdk");
    beside.devices.push(device(2503, controller, 3, 5, "[ds1] vm/by-hand.vmdk", "beside"));
    assert_eq!(owned(&after(&beside, to_make(&plan))), ["made-1", "made-2", "other"]);
}

#[test]
fn an_import_takes_what_is_in_the_home_of_no_other() {
    let mut devices = Assembly::new_machine(HardwareVersion(19)).devices;
    devices.push(pvscsi(1000, 0));
    for (n, file) in [
        "[ds1] vm/vm.vmdk",
        "[ds1] 5699a85d/vm.vmdk",
        "[ds1] other/other.vmdk",
        "[ds2] vm/of-a-namesake.vmdk",
    ]
    .into_iter()
    .enumerate()
    {
        let n = i32::try_from(n).unwrap();
        devices.push(device(2000 + n, 1000, n, 1, file, &format!("disk-{n}")));
    }
    devices.push(volume(2009, 1000, 9, "volume"));
    let machine = vm(&devices);
    assert!(sits_elsewhere(&machine));
    let others: Vec<vsphere_client::device::DatastorePath> =
        ["[ds1] other/other.vmx", "[ds2] vm/vm.vmx"].iter().map(|f| f.parse().unwrap()).collect();
    let own = Own::found(&machine, &homes(others.iter()));
    assert_eq!(owned(&own), ["disk-0", "disk-1"]);
}

#[test]
fn a_removed_disk_is_created_again_and_one_in_its_place_is_taken() {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let mut devices = lab.devices.clone().into_inner();
    devices.retain(|d| Disk::of(d).is_none_or(|d| d.uuid().as_deref() != Some("made-2")));
    lab.devices = Devices::new(devices);
    let read = lab.read(&state);
    assert_eq!(read.disk.known().unwrap().len(), 1);
    let (state, _) =
        lab.run(Some(&read), &config(vec![block("a", 0, 10), block("b", 1, 20)]), Origin::Machine).unwrap();
    assert_eq!(state.disk.known().unwrap()[1].uuid.as_str(), "made-3");
}
