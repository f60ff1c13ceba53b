use super::super::super::model::{ControllerModel, DiskModel};
use super::*;

fn template(disks: &[(i32, i64)]) -> Lab {
    let mut devices = vec![pvscsi(1000, 0)];
    for (n, (unit, gib)) in disks.iter().enumerate() {
        let n = i32::try_from(n).unwrap();
        devices.push(device(
            2000 + n,
            1000,
            *unit,
            *gib,
            &format!("[ds1] tpl/tpl_{n}.vmdk"),
            &format!("tpl-{n}"),
        ));
    }
    Lab { devices: Devices::new(devices), ..Lab::default() }
}

fn cloned(disks: Vec<DiskModel>) -> M {
    M { clone: vec![Default::default()].into(), ..config(disks) }
}

const FULL: Origin = Origin::Clone { linked: false };

#[test]
fn a_template_gives_its_disks_to_the_blocks() {
    let mut lab = template(&[(0, 10), (3, 20)]);
    let sized =
        |label: &str, unit, size: Option<i64>| DiskModel { size: size.into(), ..block(label, unit, 0) };
    // The second is found by its size and moves; the first grows; the third is new.
    let blocks = vec![sized("data", 1, Some(20)), sized("system", 0, Some(15)), sized("new", 2, Some(5))];
    let (state, _) = lab.run(None, &cloned(blocks), FULL).unwrap();
    let at: Vec<_> = lab.disks().into_iter().map(|(at, gib, _)| (at, gib)).collect();
    let expected = [("scsi:0:0", 15), ("scsi:0:1", 20), ("scsi:0:2", 5)];
    assert_eq!(at, expected.map(|(at, gib)| (at.to_owned(), gib)));
    assert!(lab.deleted.is_empty());
    assert_eq!(state.disk.known().unwrap().len(), 3);
}

#[test]
fn without_blocks_a_template_stays_as_it_is() {
    let lab = template(&[(0, 10), (3, 20)]);
    let (planned, _) = plan_of(None, &cloned(vec![]));
    assert!(planned.scsi_type.is_unknown());
    let (nothing, effects) = lab.assembled(None, &planned, FULL);
    assert!(nothing.is_empty());
    assert_eq!(effects, Effects::default());
}

#[test]
fn what_does_not_fit_a_template_is_reported() {
    for (blocks, origin, words) in [
        (vec![block("a", 0, 9), block("b", 3, 20)], FULL, "which is the template's, has 10 GiB, and 9 GiB"),
        (
            vec![block("a", 0, 10)],
            FULL,
            "2 disks, and the configuration declares one. Without a block: scsi:0:3 (20 GiB)",
        ),
        (
            vec![block("a", 0, 11), block("b", 3, 20)],
            Origin::Clone { linked: true },
            "A disk of a linked clone has the template's size",
        ),
    ] {
        let mut lab = template(&[(0, 10), (3, 20)]);
        let effects = lab.run(None, &cloned(blocks), origin).unwrap_err().diagnostics.to_string();
        assert!(effects.contains(words), "{effects}");
    }
}

#[test]
fn a_clone_takes_its_space_as_configured() {
    let lab = template(&[(0, 10), (3, 20)]);
    let thick = DiskModel { thin_provisioned: false.into(), eagerly_scrub: true.into(), ..block("a", 0, 10) };
    let there = DiskModel { datastore_id: "datastore-2".into(), ..block("b", 3, 20) };
    let config = cloned(vec![there, thick]);
    let (planned, _) = plan_of(None, &config);
    let list = clone_backings(&config, &planned, &lab.devices, &names());
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[0].key, list[0].datastore.as_deref(), &list[0].backing),
        (2001, Some("datastore-2"), &None)
    );
    let Some(VirtualDeviceBackingInfoKind::VirtualDiskFlatVer2BackingInfo(b)) = &list[1].backing else {
        panic!()
    };
    assert_eq!((b.thin_provisioned, b.eagerly_scrub), (Some(false), Some(true)));
    // A default does not override the template.
    let thick: Vec<_> = lab
        .devices
        .clone()
        .into_inner()
        .into_iter()
        .map(|mut d| {
            if let Some(VirtualDeviceBackingInfoKind::VirtualDiskFlatVer2BackingInfo(b)) =
                device_mut(&mut d).and_then(|d| d.backing.as_deref_mut())
            {
                b.thin_provisioned = Some(false);
            }
            d
        })
        .collect();
    let lab = Lab { devices: Devices::new(thick), ..lab };
    let config = cloned(vec![block("a", 0, 10), block("b", 3, 20)]);
    let (planned, _) = plan_of(None, &config);
    assert!(clone_backings(&config, &planned, &lab.devices, &names()).is_empty());
}

#[test]
fn a_snapshot_holds_the_size() {
    let (lab, state) = made(vec![block("a", 0, 10)]);
    let (planned, _) = plan_of(Some(&state), &config(vec![block("a", 0, 11)]));
    let names = names();
    let scene = Scene { snapshot: Some("before".to_owned()), ..lab.scene(Origin::Machine, &names) };
    let mut out = Assembly::of(lab.devices.clone(), HardwareVersion(19));
    let text = assemble(Some(&state), &planned, &scene, &mut out).diagnostics.to_string();
    assert!(text.contains("error at disk[0].size") && text.contains("the snapshot \"before\""), "{text}");
}

#[test]
fn another_type_of_controller_takes_over_all_that_hangs_there() {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let controller = lab.devices.controller(Bus::Scsi, 0).unwrap().key;
    lab.devices.push(volume(2500, controller, 5, "volume"));
    let other = M { scsi_type: "lsilogic".into(), ..config(vec![block("a", 0, 12), block("b", 1, 20)]) };
    let (_, effects) = lab.run(Some(&state), &other, Origin::Machine).unwrap();
    assert_eq!(
        texts(&effects.power_off),
        ["scsi_type: the controller scsi:0 is replaced: pvscsi becomes lsilogic"]
    );
    let found = lab.devices.controller(Bus::Scsi, 0).unwrap();
    assert_eq!(found.ty, ControllerType::LsiLogic);
    let at: Vec<_> = lab.disks().into_iter().map(|(at, gib, _)| (at, gib)).collect();
    let expected = [("scsi:0:0", 12), ("scsi:0:1", 20), ("scsi:0:5", 7)];
    assert_eq!(at, expected.map(|(at, gib)| (at.to_owned(), gib)));
    assert!(lab.deleted.is_empty());
}

#[test]
fn controllers_are_as_they_are_where_nothing_is_declared() {
    let lsi = M { scsi_type: "lsilogic".into(), ..config(vec![block("a", 0, 10)]) };
    let mut lab = Lab::default();
    let (state, _) = lab.run(None, &lsi, Origin::New).unwrap();
    let (_, effects) = lab.run(Some(&state), &config(vec![block("a", 0, 10)]), Origin::Machine).unwrap();
    assert_eq!(effects, Effects::default());
    assert!(lab.sent.is_empty());
    let shared = M { scsi_bus_sharing: "physicalSharing".into(), ..lsi.clone() };
    let (_, effects) = lab.run(Some(&state), &shared, Origin::Machine).unwrap();
    assert_eq!(effects.power_off.len(), 1);
    // One more comes while the machine runs.
    let more = M { scsi_controller_count: 2.into(), ..shared };
    let state = lab.read(&state);
    let (_, effects) = lab.run(Some(&state), &more, Origin::Machine).unwrap();
    assert_eq!((effects.power_off.len(), lab.devices.controllers().len()), (0, 4));
}

#[test]
fn mixed_controllers_are_as_they_are() {
    let two = |sharing: &str| M {
        scsi_bus_sharing: sharing.into(),
        scsi_controller_count: 2.into(),
        ..config(vec![block("a", 0, 10)])
    };
    let mut lab = Lab::default();
    let (state, _) = lab.run(None, &two("noSharing"), Origin::New).unwrap();
    // Two that agree remain as they are, and so does what is declared.
    let (state, effects) = lab.run(Some(&state), &two("mixed"), Origin::Machine).unwrap();
    assert_eq!((effects, lab.sent.len(), state.scsi_bus_sharing.as_str()), (Effects::default(), 0, "mixed"));
    assert_eq!(lab.read(&state).scsi_bus_sharing.as_str(), "mixed");
    // A new one is not shared.
    let three = M { scsi_controller_count: 3.into(), ..two("mixed") };
    let (state, effects) = lab.run(Some(&state), &three, Origin::Machine).unwrap();
    assert_eq!(effects, Effects::default());
    let added = lab.devices.controller(Bus::Scsi, 2).unwrap();
    assert_eq!(added.sharing, Some(VirtualSCSISharing::NoSharing));
    // From there to one mode for all that are counted.
    let one = M { scsi_controller_count: 1.into(), ..two("physicalSharing") };
    let (state, effects) = lab.run(Some(&state), &one, Origin::Machine).unwrap();
    assert_eq!(effects.power_off.len(), 1);
    assert_eq!(state.scsi_bus_sharing.as_str(), "physicalSharing");
    // Controllers that differ are what `mixed` says, and `mixed` changes nothing about them.
    let differ = M { scsi_controller_count: 3.into(), ..state };
    let seen = lab.read(&differ);
    assert_eq!(seen.scsi_bus_sharing.as_str(), "mixed");
    let (_, effects) = lab.run(Some(&seen), &three, Origin::Machine).unwrap();
    assert_eq!((effects, lab.sent.len()), (Effects::default(), 0));
}

/// A configured SCSI controller.
fn scsi(number: i64, ty: &str, sharing: &str) -> ControllerModel {
    let text = |v: &str| if v.is_empty() { Value::Null } else { v.into() };
    ControllerModel { scsi_type: text(ty), sharing: text(sharing), ..controller("scsi", number) }
}

#[test]
fn controllers_are_declared_by_blocks_and_by_attributes() {
    let of =
        |blocks: Vec<ControllerModel>| M { controller: blocks.into(), ..config(vec![block("a", 0, 10)]) };
    let attributes = M {
        scsi_controller_count: 2.into(),
        scsi_type: "lsilogic".into(),
        scsi_bus_sharing: "physicalSharing".into(),
        nvme_controller_count: 1.into(),
        ..of(vec![])
    };
    let physical = |number, ty| scsi(number, ty, "physicalSharing");
    let nvme = || ControllerModel { sharing: "physicalSharing".into(), ..controller("nvme", 0) };
    let both = || vec![physical(0, "lsilogic"), physical(1, "lsilogic")];
    let mut lab = Lab::default();
    let (mut state, _) = lab.run(None, &attributes, Origin::New).unwrap();
    let step = |lab: &mut Lab, state: &mut M, next: &M| {
        let (after, effects) = lab.run(Some(state), next, Origin::Machine).unwrap();
        *state = after;
        (texts(&effects.power_off), effects.diagnostics.to_string(), lab.sent.len())
    };
    let nothing = (vec![], String::new(), 0);
    let is = ["nvme:0 nvme noSharing", "scsi:0 lsilogic physicalSharing", "scsi:1 lsilogic physicalSharing"];
    // The one form after the other, in any order of blocks.
    for next in [
        of([both(), vec![controller("nvme", 0)]].concat()),
        of(vec![controller("nvme", 0), physical(1, "lsilogic"), physical(0, "")]),
        attributes.clone(),
        of(both()),
    ] {
        assert_eq!(step(&mut lab, &mut state, &next), nothing, "{:?}", next.controller);
        assert_eq!(lab.controllers(), is);
    }
    // One block is about its controller alone.
    let (off, text, _) = step(&mut lab, &mut state, &of(vec![physical(1, "pvscsi"), both().remove(0)]));
    assert_eq!(off, ["controller[0]: the controller scsi:1 is replaced: lsilogic becomes pvscsi"]);
    assert_eq!(text, "");
    let (off, ..) = step(&mut lab, &mut state, &of([both(), vec![nvme()]].concat()));
    assert_eq!(
        off,
        [
            "controller[1]: the controller scsi:1 is replaced: pvscsi becomes lsilogic",
            "controller[2]: the sharing mode of the controller nvme:0 becomes physicalSharing",
        ]
    );
    // What its block declared of an NVMe controller stays, counted or not.
    let counted = M { nvme_controller_count: 1.into(), ..of(both()) };
    assert_eq!(step(&mut lab, &mut state, &counted), nothing);
    // Without blocks all is as it is, also what is counted by default.
    let (off, text, sent) = step(&mut lab, &mut state, &of(vec![]));
    assert_eq!((off, sent), (vec![], 0));
    assert!(text.starts_with("warning at controller: Controllers are kept"), "{text}");
    for words in ["- scsi:0 (lsilogic, physicalSharing)", "- scsi:1 (lsilogic, physicalSharing)"] {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!((state.scsi_type.as_str(), state.scsi_bus_sharing.as_str()), ("lsilogic", "mixed"));
    // An attribute changes what it counts.
    let unshared = M { scsi_bus_sharing: "noSharing".into(), ..of(vec![]) };
    let (off, ..) = step(&mut lab, &mut state, &unshared);
    assert_eq!(off, ["scsi_bus_sharing: the sharing mode of the controller scsi:0 becomes noSharing"]);
    assert_eq!(lab.controllers()[1..], ["scsi:0 lsilogic noSharing", "scsi:1 lsilogic physicalSharing"]);
}

#[test]
fn an_undeclared_type_is_that_of_the_first_controller() {
    let of = |blocks: Vec<ControllerModel>| M {
        controller: blocks.into(),
        ..config(vec![block("a", 0, 10), block("b", 30, 10)])
    };
    let mut lab = Lab::default();
    let (state, _) =
        lab.run(None, &of(vec![scsi(1, "", ""), scsi(0, "lsilogic-sas", "")]), Origin::New).unwrap();
    let sas = |number: i64| format!("scsi:{number} lsilogic-sas noSharing");
    assert_eq!(lab.controllers(), [sas(0), sas(1), sas(2)]);
    // The first one is that of the plan.
    let retyped = of(vec![scsi(3, "", ""), scsi(0, "lsilogic", "")]);
    let (_, effects) = lab.run(Some(&state), &retyped, Origin::Machine).unwrap();
    assert_eq!(effects.power_off.len(), 1);
    assert_eq!(
        lab.controllers(),
        ["scsi:0 lsilogic noSharing".to_owned(), sas(1), sas(2), "scsi:3 lsilogic noSharing".to_owned()]
    );
}

#[test]
fn a_replaced_controller_is_led_back_to_its_block() {
    let (lab, state) = made(vec![block("a", 0, 10)]);
    let other = M {
        controller: vec![controller("sata", 0), scsi(0, "lsilogic", "")].into(),
        ..config(vec![block("a", 0, 10)])
    };
    let (planned, _) = plan_of(Some(&state), &other);
    let (_, blame) = lab.assembled(Some(&state), &planned, Origin::Machine).0.finish();
    let text = format!("{blame:?}");
    // Removed, added, and the disk on it.
    assert_eq!((text.matches("Index(1)").count(), text.matches("Index(0)").count()), (3, 1), "{text}");
    assert!(!text.contains("scsi_type"), "{text}");
}

#[test]
fn a_change_is_led_back_to_its_block() {
    let (lab, state) = made(vec![block("a", 0, 10)]);
    let elsewhere = DiskModel {
        datastore_id: "datastore-2".into(),
        storage_policy_id: "gold".into(),
        ..block("new", 7, 5)
    };
    let (planned, _) = plan_of(Some(&state), &config(vec![block("a", 0, 10), elsewhere]));
    let (out, _) = lab.assembled(Some(&state), &planned, Origin::Machine);
    let (specs, blame) = out.finish();
    let disk = Disk::of(&specs[0].device).unwrap();
    assert_eq!((specs.len(), disk.backing().unwrap().file, specs[0].profile.len()), (1, "[ds2]", 1));
    assert!(format!("{blame:?}").contains("the disk \\\"new\\\" (scsi:0:8)"), "{blame:?}");
}

#[test]
fn a_unit_that_the_hardware_does_not_have_is_reported() {
    let far = DiskModel {
        controller_type: "nvme".into(),
        controller_bus_number: 0.into(),
        controller_unit_number: 20.into(),
        ..block("far", 0, 5)
    };
    let mut lab = Lab::default();
    let effects = lab.run(None, &config(vec![far]), Origin::New).unwrap_err().diagnostics.to_string();
    assert!(effects.contains("has the units 0 to 14 with hardware version 19"), "{effects}");
}

#[test]
fn a_started_gibibyte_counts() {
    let mut lab = template(&[(0, 10)]);
    let mut devices = lab.devices.clone().into_inner();
    if let VirtualDeviceKind::VirtualDisk(d) = &mut devices[1] {
        d.capacity_in_bytes = Some((10 << 30) + 512);
    }
    lab.devices = Devices::new(devices);
    let mut less = lab.clone();
    let (state, _) = lab.run(None, &cloned(vec![block("a", 0, 11)]), FULL).unwrap();
    assert_eq!(state.disk.known().unwrap()[0].size.get(), 11);
    let effects = less.run(None, &cloned(vec![block("a", 0, 10)]), FULL).unwrap_err().diagnostics.to_string();
    assert!(effects.contains("has 11 GiB, and 10 GiB are declared"), "{effects}");
}

#[test]
fn what_was_planned_to_go_goes_whatever_has_become_of_it() {
    let (mut lab, state) = made(vec![block("a", 0, 10), block("b", 1, 20)]);
    let (planned, effects) = plan_of(Some(&state), &config(vec![block("a", 0, 10), block("c", 2, 30)]));
    assert_eq!(effects.destroys.len(), 1);
    // It is extended outside Terraform to the size of the new one before the plan is applied.
    let mut devices = lab.devices.clone().into_inner();
    for d in &mut devices {
        if let VirtualDeviceKind::VirtualDisk(d) = d
            && d.base.unit_number == Some(1)
        {
            d.capacity_in_bytes = Some(30 << 30);
        }
    }
    lab.devices = Devices::new(devices);
    lab.apply(Some(&state), &planned, Origin::Machine).unwrap();
    assert_eq!(lab.deleted, ["[ds1] vm/vm_2.vmdk"]);
    assert_eq!(lab.disks()[1], ("scsi:0:2".to_owned(), 30, "made-3".to_owned()));
}
