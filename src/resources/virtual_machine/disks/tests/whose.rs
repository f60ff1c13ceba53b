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
    let (_, told) =
        lab.run(Some(&state), &config(vec![block("a", 0, 12), block("c", 2, 5)]), Origin::Machine).unwrap();
    assert_eq!((told.destroys.len(), lab.deleted.len()), (1, 1));
    let at: Vec<_> = lab.disks().into_iter().map(|(at, ..)| at).collect();
    assert_eq!(at, ["scsi:0:0", "scsi:0:2", "scsi:0:5", "scsi:0:6"]);
}

#[test]
fn a_place_that_others_have_is_no_place_for_a_disk() {
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
fn others_are_told_of_once() {
    let (lab, state) = shared();
    let found = foreign(&vm(&lab.devices), &state, &lab.own);
    let words: Vec<_> = found.iter().map(|f| f.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "the disk at scsi:0:5 ([ds1] fcd/abc.vmdk): the first class disk fcd-1",
            "the disk at scsi:0:6 ([ds1] vm/by-hand.vmdk): not made by this resource",
        ]
    );
    let (new, told) = news(&found, None);
    assert_eq!(new.len(), 2);
    let (new, again) = news(&found, Some(&told));
    assert_eq!((new.len(), again), (0, told.clone()));
    assert_eq!(news(&found[..1], Some(&json!(["hand"]))).0.len(), 1);
    assert_eq!(news(&[], Some(&told)), (vec![], Json::Null));
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
    // The one by hand lies where ours do: nobody can tell, and nothing happens to it.
    let found = foreign(&vm(&lab.devices), &state, &own);
    assert_eq!(found.len(), 1);
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
    let after = own.after(&vm(&lab.devices), &state);
    assert_eq!(Own::read(Some(&after.write())), after);
    assert!(!after.0.unwrap().contains("volume"));
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
    assert_eq!(seen(&lab).disk.known().unwrap().len(), 3);
}

#[test]
fn a_disk_that_is_gone_is_made_again_and_one_in_its_place_is_taken() {
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
