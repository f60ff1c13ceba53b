//! What a run that was killed has added is known again by the mark that went with it, and nothing else is.
use super::super::mark::{Left, MARK, left, next, settle};
use super::*;
use serde_json::{Value as Json, json};
use vsphere_client::vim::types::OptionValue;
use vsphere_client::vim::xml::Any;

const MACHINE: &str = "5025b8ee-0b0c-4c3f-9d9f-0a4cdd9c1d3a";

/// The machine with a mark.
pub(super) fn marked(devices: &Devices, mark: Option<OptionValue>) -> VirtualMachine {
    let mut vm = vm(devices);
    let config = vm.config.as_deref_mut().unwrap();
    config.instance_uuid = Some(MACHINE.to_owned());
    config.extra_config = mark.into_iter().collect();
    vm
}

fn text(mark: &OptionValue) -> &str {
    assert_eq!(mark.key, MARK);
    let Some(Any::String(text)) = &mark.value else { panic!("{mark:?}") };
    text
}

fn mark(text: &Json) -> Option<OptionValue> {
    Some(OptionValue { key: MARK.to_owned(), value: Some(Any::String(text.to_string())) })
}

/// A machine of one disk, and what a killed run that added another leaves: the devices, and the mark.
fn killed() -> (Lab, M, M, OptionValue) {
    let (mut lab, state) = made(vec![block("a", 0, 10)]);
    let config = config(vec![block("a", 0, 10), block("c", 2, 5)]);
    let (planned, _) = plan_of(Some(&state), &config);
    let before = marked(&lab.devices, None);
    lab.apply(Some(&state), &planned, Origin::Machine).unwrap();
    let (mark, number) = next(&before, &planned, &lab.sent, None).unwrap();
    assert_eq!(number, Some(1));
    (lab, state, config, mark)
}

#[test]
fn what_a_killed_run_has_added_is_taken_over() {
    let (mut lab, state, config, mark) = killed();
    let disks = json!({ "scsi:0:2": { "gib": 5 } });
    assert_eq!(text(&mark), json!({ "number": 1, "machine": MACHINE, "disks": disks }).to_string());
    let now = marked(&lab.devices, Some(mark));
    let Left::Disks(own, words) = left(&now, &state, &lab.own, None) else { panic!() };
    assert_eq!(words, ["the disk at scsi:0:2 ([ds1] vm/vm_2.vmdk)"]);
    assert!(foreign(&now, &state, &own).is_empty());
    // Once it is known it is not said again, and once that is kept the mark says nothing.
    assert_eq!(left(&now, &state, &own, None), Left::Known(json!(1)));
    assert_eq!(settle(&now), Some(json!(1)));
    assert_eq!(left(&now, &state, &lab.own, Some(&json!(1))), Left::Nothing);
    lab.own = own;
    let there = lab.disks();
    let (state, _) = lab.run(Some(&state), &config, Origin::Machine).unwrap();
    assert!(lab.sent.is_empty() && lab.disks() == there);
    assert_eq!(state.disk.known().unwrap()[1].uuid.as_str(), "made-2");
}

#[test]
fn what_is_declared_no_more_stays_until_the_machine_goes() {
    let (mut lab, state, _, mark) = killed();
    let Left::Disks(own, _) = left(&marked(&lab.devices, Some(mark)), &state, &lab.own, None) else {
        panic!()
    };
    lab.own = own;
    // Of the size that is declared elsewhere: the plan has not said that it moves.
    let elsewhere = config(vec![block("a", 0, 10), block("d", 3, 5)]);
    let (state, _) = lab.run(Some(&state), &elsewhere, Origin::Machine).unwrap();
    let at: Vec<_> = lab.disks().into_iter().map(|(at, ..)| at).collect();
    assert_eq!(at, ["scsi:0:0", "scsi:0:2", "scsi:0:3"]);
    let mut out = Assembly::of(lab.devices.clone(), HardwareVersion(19));
    detach_before_destroy(&vm(&lab.devices), &state, &lab.own, &mut out);
    assert!(out.is_empty());
}

#[test]
fn a_mark_makes_nothing_of_others_the_resources_own() {
    let (lab, state, _, right) = killed();
    let said: Json = serde_json::from_str(text(&right)).unwrap();
    let with = |member: &str, to: Json| {
        let mut other = said.clone();
        other[member] = to;
        mark(&other)
    };
    let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
    let instead = |other: VirtualDeviceKind| {
        let mut devices = lab.devices.clone().into_inner();
        devices.retain(|d| Disk::of(d).is_none_or(|d| d.uuid().as_deref() != Some("made-2")));
        devices.push(other);
        marked(&Devices::new(devices), Some(right.clone()))
    };
    let there = |mark: Option<OptionValue>| marked(&lab.devices, mark);
    let elsewhere = json!({ "scsi:0:2": { "gib": 5, "datastore": "datastore-2" } });
    for (what, vm) in [
        ("no mark", there(None)),
        ("an empty mark", there(mark(&json!("")))),
        ("something else", there(mark(&json!([1])))),
        (
            "the mark of the virtual machine that this one is a copy of",
            there(with("machine", json!("other"))),
        ),
        ("a mark of other addresses", there(with("disks", json!({ "scsi:0:3": { "gib": 5 } })))),
        ("a mark of another size", there(with("disks", json!({ "scsi:0:2": { "gib": 6 } })))),
        ("a mark of another datastore", there(with("disks", elsewhere))),
        ("a mark of a disk of ours", there(with("disks", json!({ "scsi:0:0": { "gib": 10 } })))),
        ("another size", instead(device(2502, controller, 2, 6, "[ds1] vm/vm_2.vmdk", "other"))),
        ("the home of another", instead(device(2502, controller, 2, 5, "[ds1] proxy/vm_2.vmdk", "other"))),
        ("a first class disk", instead(volume(2502, controller, 2, "other"))),
        ("another address", instead(device(2502, controller, 3, 5, "[ds1] vm/vm_2.vmdk", "other"))),
    ] {
        assert!(!matches!(left(&vm, &state, &lab.own, None), Left::Disks(..)), "{what}");
    }
    // A snapshot brings back an old mark, and a disk that was deleted since.
    assert_eq!(left(&there(Some(right)), &state, &lab.own, Some(&json!(2))), Left::Nothing);
}

#[test]
fn a_disk_on_another_datastore_is_known_by_that() {
    let (mut lab, state) = made(vec![block("a", 0, 10)]);
    let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
    let mut far = device(2502, controller, 2, 5, "[ds2] vm_1/vm.vmdk", "far");
    if let VirtualDeviceKind::VirtualDisk(d) = &mut far
        && let Some(VirtualDeviceBackingInfoKind::VirtualDiskFlatVer2BackingInfo(b)) =
            d.base.backing.as_deref_mut()
    {
        b.base.datastore = Some(MoRef::new("Datastore", "datastore-2"));
    }
    lab.devices.push(far);
    let said = |datastore: &str| {
        let disks = json!({ "scsi:0:2": { "gib": 5, "datastore": datastore } });
        mark(&json!({ "number": 1, "machine": MACHINE, "disks": disks }))
    };
    let found = |datastore: &str| left(&marked(&lab.devices, said(datastore)), &state, &lab.own, None);
    assert!(matches!(found("datastore-2"), Left::Disks(..)));
    assert!(!matches!(found("datastore-3"), Left::Disks(..)));
}

#[test]
fn a_mark_is_written_with_the_disks_and_goes_with_the_next_change() {
    let (lab, state, config, right) = killed();
    let there = |mark: Option<OptionValue>| marked(&lab.devices, mark);
    let (planned, _) = plan_of(Some(&state), &config);
    let removal = next(&there(Some(right.clone())), &planned, &[], Some(&json!(1))).unwrap();
    assert_eq!((text(&removal.0), removal.1), ("", None));
    assert_eq!(next(&there(None), &planned, &[], None), None);
    // It is needed as long as no state with its disks is known to have been written.
    assert_eq!(next(&there(Some(right.clone())), &planned, &[], None), None);
    // The next one has what the last one had, if need be, and is counted.
    let more = M { disk: vec![block("d", 3, 1)].into(), ..planned.clone() };
    for (kept, number, disks) in [
        (None, 2, json!({ "scsi:0:2": { "gib": 5 }, "scsi:0:3": { "gib": 1 } })),
        (Some(json!(1)), 2, json!({ "scsi:0:3": { "gib": 1 } })),
        (Some(json!(7)), 8, json!({ "scsi:0:3": { "gib": 1 } })),
    ] {
        let (mark, n) = next(&there(Some(right.clone())), &more, &lab.sent, kept.as_ref()).unwrap();
        assert_eq!(n, Some(number));
        assert_eq!(text(&mark), json!({ "number": number, "machine": MACHINE, "disks": disks }).to_string());
    }
    let copy = marked(&lab.devices, mark(&json!({ "number": 9, "machine": "other", "disks": {} })));
    assert_eq!(next(&copy, &planned, &[], None).map(|(_, n)| n), Some(None));
    // Nothing is made: nothing is marked.
    let edits: Vec<_> = lab.sent.iter().filter(|c| c.file_operation.is_none()).cloned().collect();
    assert_eq!(next(&there(None), &planned, &edits, None), None);
}

#[test]
fn a_call_that_left_no_mark_has_made_nothing() {
    let (lab, state, config, right) = killed();
    let (plan, _) = plan_of(Some(&state), &config);
    let before = made(vec![block("a", 0, 10)]).0;
    let made = super::super::marked(perhaps(to_make(&plan)), Some(1));
    let owned = |mark: Option<OptionValue>| {
        let own = before.own.clone().with_made(
            &marked(&lab.devices, mark),
            &plan,
            Some(&made),
            Some(&vm(&before.devices)),
        );
        own.0.unwrap().len()
    };
    // Another client was faster, with a similar disk.
    assert_eq!(owned(None), 1);
    assert_eq!(owned(Some(right)), 2);
}
