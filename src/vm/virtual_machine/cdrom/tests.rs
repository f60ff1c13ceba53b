use super::super::model::{CdromModel, DiskModel};
use super::plan::{Drive, Medium, Step, locate, pair, pair_in_order, steps};
use super::*;
use crate::vm::virtual_machine::assembly::Assembly;
use proptest::prelude::*;
use vsphere_client::device::{Cdrom, ControllerType, HardwareVersion};
use vsphere_client::vim::types::{
    VirtualDeviceConfigSpecOperation as Operation, VirtualDeviceKind, VirtualSCSISharing,
};

fn image(path: &str) -> Medium {
    Medium::Image { datastore: Some("datastore-1".to_owned()), path: path.to_owned() }
}

fn drive(key: i64, address: &str, medium: Medium) -> Drive {
    Drive { key, address: address.to_owned(), medium, name: String::new(), switches: Switches::default() }
}

fn block(medium: Option<Medium>) -> Wanted {
    Wanted { medium, ..Default::default() }
}

fn all(media: Vec<Option<Medium>>) -> Vec<Wanted> {
    media.into_iter().map(block).collect()
}

#[test]
fn blocks_are_paired_by_what_is_in_them() {
    use Partner::{Is, New, Open};
    let two = [drive(1, "ide:0:0", image("a")), drive(2, "ide:0:1", image("b"))];
    let three = [two[0].clone(), two[1].clone(), drive(3, "sata:0:0", image("c"))];
    let client = [drive(1, "ide:0:0", Medium::Console), drive(2, "ide:0:1", Medium::Console)];
    let some = |m| Some(m);
    for (what, wanted, known, expected) in [
        ("as they were", vec![some(image("a")), some(image("b"))], &two[..], vec![Is(0), Is(1)]),
        ("the first is removed", vec![some(image("b"))], &two, vec![Is(1)]),
        ("turned around", vec![some(image("b")), some(image("a"))], &two, vec![Is(1), Is(0)]),
        ("another medium", vec![some(image("a")), some(Medium::Console)], &two, vec![Is(0), Is(1)]),
        ("all alike", vec![some(Medium::Console)], &client, vec![Is(0)]),
        ("one more", vec![some(image("x")), some(image("a"))], &two[..1], vec![New, Is(0)]),
        ("the rest in order", vec![some(image("b")), some(image("x"))], &two, vec![Is(1), Is(0)]),
        ("the rest in place", vec![some(image("c")), some(image("x"))], &three, vec![Is(2), Is(1)]),
        ("not known yet", vec![None], &two[..1], vec![Is(0)]),
        ("one of two not known yet", vec![None, some(image("b"))], &two, vec![Is(0), Is(1)]),
        ("which of two", vec![None], &two, vec![Open]),
        ("new in any case", vec![some(image("a")), None], &two[..1], vec![Is(0), New]),
    ] {
        assert_eq!(pair(&all(wanted), known), expected, "{what}");
    }
    assert_eq!(pair_in_order(3, 2), [Some(0), Some(1), None]);
}

#[test]
fn drives_of_the_state_are_found_by_key_and_address() {
    let known = [drive(1, "ide:0:0", image("a")), drive(2, "ide:0:1", image("b"))];
    for (what, there, expected) in [
        (
            "as they were",
            vec![drive(1, "ide:0:0", Medium::Console), drive(2, "ide:0:1", image("b"))],
            [Some(0), Some(1)],
        ),
        (
            "in another order",
            vec![drive(2, "ide:0:1", image("b")), drive(1, "ide:0:0", image("a"))],
            [Some(1), Some(0)],
        ),
        ("moved", vec![drive(1, "sata:0:0", image("a")), drive(9, "ide:0:0", image("x"))], [Some(0), None]),
        ("another key", vec![drive(7, "ide:0:1", image("b"))], [None, Some(0)]),
        (
            "keys changed hands",
            vec![drive(2, "ide:0:0", image("a")), drive(1, "ide:0:1", image("b"))],
            [Some(1), Some(0)],
        ),
        ("undeclared", vec![drive(9, "ide:1:0", image("a"))], [None, None]),
    ] {
        assert_eq!(locate(&known, &there), expected, "{what}");
    }
    // Where the address is not known it says nothing.
    assert_eq!(locate(&[drive(1, "", image("a"))], &[drive(2, "", image("a"))]), [None]);
    assert_eq!(
        locate(&known[..1], &[drive(1, "ide:0:1", image("x")), drive(1, "ide:0:0", image("a"))]),
        [Some(1)],
        "both say more than one"
    );
}

#[test]
fn a_missing_datastore_is_not_a_difference() {
    let there = [drive(1, "ide:0:0", Medium::Image { datastore: None, path: "a".to_owned() })];
    assert_eq!(steps(&all(vec![Some(image("a"))]), &there, &[Some(0)], |_| true), []);
    assert_eq!(steps(&all(vec![Some(image("b"))]), &there, &[Some(0)], |_| true).len(), 1);
    let other = Medium::Image { datastore: Some("datastore-2".to_owned()), path: "a".to_owned() };
    assert_eq!(
        steps(&all(vec![Some(image("a"))]), &[drive(1, "ide:0:0", other)], &[Some(0)], |_| true),
        [Step::Change { block: 0, drive: 0 }]
    );
    assert!(drive(1, "ide:0:0", image("a")).cold() && drive(1, "", image("a")).cold());
    assert!(!drive(1, "sata:0:0", image("a")).cold());
}

fn medium_of() -> impl Strategy<Value = Medium> {
    (0..4_usize).prop_map(|n| [Medium::Console, image("a"), image("b"), image("c")][n].clone())
}

fn media() -> impl Strategy<Value = Vec<Medium>> {
    proptest::collection::vec(medium_of(), 0..4)
}

const PLACES: [&str; 6] = ["ide:0:0", "ide:0:1", "ide:1:0", "ide:1:1", "sata:0:0", "sata:0:1"];

fn state_of(media: &[Medium]) -> Vec<Drive> {
    (3000..).zip(media).zip(PLACES).map(|((k, m), a)| drive(k, a, m.clone())).collect()
}

fn pass(wanted: &[Wanted], state: &[Drive], there: &[Drive]) -> (Vec<Step>, Vec<Option<usize>>) {
    let found = locate(state, there);
    let to: Vec<Option<usize>> = pair(wanted, state).iter().map(|p| found[p.index()?]).collect();
    (steps(wanted, there, &to, |d| found.contains(&Some(d))), to)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn one_apply_is_enough_and_touches_only_what_is_ours(
        before in media(), wanted in media(), removed in any::<(bool, bool, bool)>(), foreign in media(), turn in 0..7_usize
    ) {
        let state = state_of(&before);
        let removed = [removed.0, removed.1, removed.2];
        let mut there: Vec<Drive> = state.iter().zip(removed).filter(|(_, g)| !g).map(|(d, _)| d.clone()).collect();
        there.extend((3900..).zip(&foreign).map(|(k, m)| drive(k, &format!("sata:1:{k}"), m.clone())));
        if !there.is_empty() {
            let by = turn % there.len();
            there.rotate_left(by);
        }
        let wanted: Vec<Wanted> = wanted.into_iter().map(|m| block(Some(m))).collect();
        let (todo, to) = pass(&wanted, &state, &there);
        let mut after: Vec<Option<Drive>> = there.iter().cloned().map(Some).collect();
        let mut now: Vec<Option<Drive>> = to.iter().map(|t| t.map(|t| there[t].clone())).collect();
        for step in &todo {
            match *step {
                Step::Remove { drive } => after[drive] = None,
                Step::Change { block, drive } => {
                    let changed = Drive { medium: wanted[block].medium.clone().unwrap(), ..there[drive].clone() };
                    after[drive] = Some(changed.clone());
                    now[block] = Some(changed);
                }
                Step::Move { .. } => prop_assert!(false, "no place is declared"),
                Step::Add { block } => {
                    let key = 5000 + block as i64;
                    let new = drive(key, &format!("sata:2:{block}"), wanted[block].medium.clone().unwrap());
                    after.push(Some(new.clone()));
                    now[block] = Some(new);
                }
            }
        }
        let mut after: Vec<Drive> = after.into_iter().flatten().collect();
        let now: Vec<Drive> = now.into_iter().flatten().collect();
        prop_assert_eq!(now.len(), wanted.len());
        prop_assert_eq!(after.len(), wanted.len() + foreign.len());
        for d in there.iter().filter(|d| d.key >= 3900) {
            prop_assert!(after.contains(d));
        }
        for (w, d) in wanted.iter().zip(&now) {
            prop_assert_eq!(w.medium.as_ref(), Some(&d.medium));
            prop_assert!(after.contains(d));
        }
        prop_assert_eq!(pass(&wanted, &now, &after).0, vec![]);
        after.reverse();
        prop_assert_eq!(pass(&wanted, &now, &after).0, vec![]);
    }

    #[test]
    fn blocks_may_change_places_and_one_that_goes_takes_no_other_along(media in media(), turn in 0..4_usize, out in any::<prop::sample::Index>()) {
        let state = state_of(&media);
        let mut wanted: Vec<Wanted> = media.iter().cloned().map(|m| block(Some(m))).collect();
        if !wanted.is_empty() {
            let by = turn % media.len();
            wanted.rotate_left(by);
        }
        prop_assert_eq!(pass(&wanted, &state, &state).0, vec![]);
        if !wanted.is_empty() {
            let taken = wanted.remove(out.index(wanted.len()));
            let (todo, _) = pass(&wanted, &state, &state);
            prop_assert_eq!(todo.len(), 1);
            let removed = matches!(todo[0], Step::Remove { drive } if Some(&state[drive].medium) == taken.medium.as_ref());
            prop_assert!(removed, "{:?}", todo);
        }
    }

    #[test]
    fn what_is_said_before_all_is_known_holds_afterwards(before in media(), full in media(), masks in any::<(bool, bool, bool)>()) {
        let state = state_of(&before);
        let full: Vec<Option<Medium>> = full.into_iter().map(Some).collect();
        let masks = [masks.0, masks.1, masks.2];
        let open: Vec<_> = full.iter().zip(masks).map(|(m, hide)| m.clone().filter(|_| !hide)).collect();
        let (said, is) = (pair(&all(open), &state), pair(&all(full), &state));
        for (said, is) in said.iter().zip(&is) {
            prop_assert!(*said == Partner::Open || said == is, "{:?} then {:?}", said, is);
        }
    }
}

// From here on with blocks and devices.

fn iso(path: &str) -> CdromModel {
    CdromModel { datastore_id: "datastore-1".into(), path: path.into(), ..Default::default() }
}

fn client() -> CdromModel {
    CdromModel { client_device: true.into(), ..Default::default() }
}

fn at_place(block: CdromModel, key: i64, address: &str) -> CdromModel {
    CdromModel { key: key.into(), device_address: address.into(), ..block }
}

fn machine_of(drives: Vec<CdromModel>) -> M {
    M { cdrom: drives.into(), ..Default::default() }
}

fn names() -> Datastores {
    [("datastore-1".to_owned(), "ds one".to_owned())].into()
}

fn iso_device(key: i32, controller: i32, unit: i32, file: &str) -> VirtualDeviceKind {
    let medium = device::Medium::Iso {
        file: file.to_owned(),
        datastore: Some(MoRef::new("Datastore", "datastore-1")),
    };
    new_cdrom(key, controller, unit, &medium)
}

fn with_sata(more: Vec<VirtualDeviceKind>) -> Assembly {
    let mut all = Assembly::new_machine(HardwareVersion(19)).devices.into_inner();
    all.push(ControllerType::Ahci.device(15000, 0, VirtualSCSISharing::NoSharing));
    all.extend(more);
    Assembly::of(Devices::new(all), HardwareVersion(19))
}

#[test]
fn new_drives_take_free_places_on_ide_then_on_sata() {
    let mut out = Assembly::new_machine(HardwareVersion(19));
    assemble(None, &machine_of(vec![iso("/iso/a.iso"), client()]), &names(), (false, false), &mut out);
    let places: Vec<_> = out.devices.cdroms().iter().map(|(a, _)| a.unwrap().to_string()).collect();
    assert_eq!(places, ["ide:0:0", "ide:0:1"]);
    let (specs, _) = out.finish();
    let first = Cdrom::of(&specs[0].device).unwrap().medium();
    assert!(matches!(first, device::Medium::Iso { file, .. } if file == "[ds one] iso/a.iso"));

    let full: Vec<_> = (0..4).map(|n| iso_device(3000 + n, 200 + n / 2, n % 2, "[ds one] x")).collect();
    let mut out = with_sata(full.clone());
    let effects =
        assemble(Some(&M::default()), &machine_of(vec![client()]), &names(), (false, false), &mut out);
    assert_eq!(effects, Effects::default(), "SATA takes a drive while the virtual machine is on");
    assert_eq!(out.devices.cdroms()[0].0.unwrap().to_string(), "sata:0:0");
    let mut none = Assembly::new_machine(HardwareVersion(19));
    full.into_iter().for_each(|d| none.devices.push(d));
    let effects =
        assemble(Some(&M::default()), &machine_of(vec![client()]), &names(), (false, false), &mut none);
    assert_eq!(effects.diagnostics.0[0].at.to_string(), "cdrom[0]");
    assert!(none.is_empty());
}

#[test]
fn an_update_edits_its_own_drive_and_leaves_the_others_alone() {
    let there =
        || vec![iso_device(3000, 200, 0, "[ds one] a.iso"), iso_device(3001, 200, 1, "[ds one] theirs.iso")];
    let prior = machine_of(vec![at_place(iso("a.iso"), 3000, "ide:0:0")]);
    let run = |plan: &M| {
        let mut out = with_sata(there());
        let effects = assemble(Some(&prior), plan, &names(), (false, false), &mut out);
        (out.finish().0, effects)
    };
    assert_eq!(run(&prior), (vec![], Effects::default()));
    let (specs, effects) = run(&machine_of(vec![at_place(iso("b.iso"), 3000, "ide:0:0")]));
    assert_eq!(effects, Effects::default(), "another medium is hot");
    assert_eq!(
        (specs.len(), specs[0].operation.clone(), device::key(&specs[0].device)),
        (1, Some(Operation::Edit), 3000)
    );
    let (specs, effects) = run(&M::default());
    assert_eq!(
        (specs.len(), specs[0].operation.clone(), device::key(&specs[0].device)),
        (1, Some(Operation::Remove), 3000)
    );
    assert_eq!(effects.power_off.len(), 1);
    // A template's drives are taken over in order; what is not declared stays.
    let mut out = with_sata(there());
    assemble(None, &machine_of(vec![client()]), &names(), (false, false), &mut out);
    let (specs, blame) = out.finish();
    assert_eq!((specs.len(), device::key(&specs[0].device)), (1, 3000));
    let fault = vsphere_client::Fault::new(
        "InvalidDeviceSpec",
        "Invalid operation for device '0'.",
        Default::default(),
    );
    assert_eq!(blame.of(&fault).unwrap().0.to_string(), "cdrom[0]");
    let mut out = with_sata(there());
    assemble(None, &M::default(), &names(), (false, false), &mut out);
    assert!(out.is_empty());
    // In a clone, the drives of the template that are not declared are removed.
    let mut out = with_sata(there());
    assemble(None, &machine_of(vec![client()]), &names(), (true, false), &mut out);
    let keys: Vec<_> = out.finish().0.iter().map(|s| (device::key(&s.device), s.operation.clone())).collect();
    assert_eq!(keys, [(3001, Some(Operation::Remove)), (3000, Some(Operation::Edit))]);
    // What an import has found and the configuration does not declare is left alone.
    let prior = M { imported: true.into(), ..prior };
    let mut out = with_sata(there());
    assert_eq!(assemble(Some(&prior), &M::default(), &names(), (false, false), &mut out), Effects::default());
    assert!(out.is_empty());
}

#[test]
fn host_drives_and_images_on_the_host_are_observed() {
    let host =
        new_cdrom(3000, 200, 0, &device::Medium::Host { passthrough: false, device: "cdrom0".to_owned() });
    let devices = with_sata(vec![
        host,
        iso_device(3001, 200, 1, "[]"),
        iso_device(3002, 201, 0, "[] /vmimages/tools-isoimages/linux.iso"),
    ])
    .devices;
    let mut config = vsphere_client::vim::types::VirtualMachineConfigInfo::default();
    config.hardware.device = devices.clone().into_inner();
    let vm = VirtualMachine { config: Some(Box::new(config)), ..Default::default() };
    let mut state = M { imported: true.into(), ..M::default() };
    state.cdrom = observed(&vm, &state, true).into();
    let paths: Vec<_> = blocks(&state).iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["", "", "/vmimages/tools-isoimages/linux.iso"]);
    // What the import says is a configuration, and so is a block without arguments.
    assert!(validate(&state).is_empty());
    let written = |with: fn(&CdromModel) -> CdromModel| -> Vec<CdromModel> {
        blocks(&state).iter().map(with).collect()
    };
    let bare = |d: &CdromModel| CdromModel { key: Value::Null, device_address: Value::Null, ..d.clone() };
    for config in [written(bare), written(|_| CdromModel::default()), vec![]] {
        let mut planned = machine_of(config.clone());
        assert_eq!(plan(Some(&state), &machine_of(config), &mut planned), Effects::default());
        assert!(with_undeclared(&state, &planned).is_some());
        let mut out = Assembly::of(devices.clone(), HardwareVersion(19));
        assemble(Some(&state), &planned, &names(), (false, false), &mut out);
        assert!(out.is_empty());
        planned.imported = Value::Null;
        assert_eq!(observed(&vm, &planned, false).len(), blocks(&planned).len());
    }
}

#[test]
fn the_plan_knows_what_stays_and_what_a_running_machine_cannot_take() {
    let run = |prior: &M, config: Vec<CdromModel>| {
        let mut planned = machine_of(config.clone());
        let effects = plan(Some(prior), &machine_of(config), &mut planned);
        (planned.cdrom.into_known().unwrap(), effects.power_off.len())
    };
    let two = machine_of(vec![at_place(iso("a"), 3000, "ide:0:0"), at_place(iso("b"), 3001, "sata:0:0")]);
    let stays = two.cdrom.get();
    assert_eq!(run(&two, vec![iso("a"), iso("b")]), (stays.clone(), 0));
    assert_eq!(run(&two, vec![iso("b")]), (stays[1..].to_vec(), 1), "the one on IDE goes");
    assert_eq!(run(&two, vec![iso("a")]), (stays[..1].to_vec(), 0), "the one on SATA goes");
    assert_eq!(run(&two, vec![iso("a"), client()]).0[1].key, Value::Known(3001));
    let (more, off) = run(&machine_of(vec![]), vec![client()]);
    assert!(more[0].key.is_unknown() && more[0].device_address.is_unknown());
    assert_eq!(off, 1, "it goes to IDE");
    let disk = |unit: i64| DiskModel {
        device_address: format!("ide:{}:{}", unit / 2, unit % 2).into(),
        ..Default::default()
    };
    let mut full = M {
        disk: (0..4).map(disk).collect::<Vec<_>>().into(),
        cdrom: vec![client()].into(),
        ..Default::default()
    };
    let effects = plan(Some(&M::default()), &M::default(), &mut full);
    assert_eq!(effects, Effects::default(), "IDE is full: it goes to SATA");
    let mut unknown = M { cdrom: Value::Unknown, ..Default::default() };
    assert_eq!(plan(Some(&two), &M::default(), &mut unknown), Effects::default());
}

#[test]
fn the_state_says_what_is_there() {
    let devices = with_sata(vec![
        iso_device(3000, 200, 0, "[ds one] iso/a.iso"),
        new_cdrom(3001, 15000, 0, &device::Medium::Client { passthrough: false, device: String::new() }),
    ])
    .devices;
    let mut config = vsphere_client::vim::types::VirtualMachineConfigInfo::default();
    config.hardware.device = devices.into_inner();
    let vm = VirtualMachine { config: Some(Box::new(config)), ..Default::default() };
    let state = machine_of(vec![
        at_place(client(), 3001, "sata:0:0"),
        at_place(client(), 3000, "ide:0:0"),
        at_place(client(), 3007, "ide:1:0"),
    ]);
    let seen = observed(&vm, &state, false);
    let short: Vec<_> =
        seen.iter().map(|d| (d.client_device.get(), d.path.as_str(), d.device_address.as_str())).collect();
    assert_eq!(short, [(true, "", "sata:0:0"), (false, "iso/a.iso", "ide:0:0")]);
    // Words of the state are kept.
    let state = machine_of(vec![at_place(iso("/iso/a.iso"), 3000, "ide:0:0")]);
    assert_eq!(observed(&vm, &state, false)[0].path.as_str(), "/iso/a.iso");
    assert_eq!(observed(&vm, &M::default(), true).len(), 2);
    assert_eq!(observed(&vm, &M::default(), false), []);
}

#[test]
fn wrong_blocks_are_refused_with_their_paths() {
    for (drive, expected) in [
        (iso("a.iso"), ""),
        (client(), ""),
        (CdromModel::default(), ""),
        (CdromModel { path: "/vmimages/tools-isoimages/linux.iso".into(), ..Default::default() }, ""),
        (CdromModel { client_device: true.into(), ..iso("a.iso") }, "cdrom[0].path"),
        (CdromModel { datastore_id: Value::Null, ..iso("a.iso") }, "cdrom[0].datastore_id"),
        (CdromModel { path: Value::Null, ..iso("a.iso") }, "cdrom[0].path"),
        (CdromModel { path: Value::Unknown, ..iso("a.iso") }, ""),
        (CdromModel { client_device: Value::Unknown, ..Default::default() }, ""),
        (iso("[ds] a.iso"), "cdrom[0].path"),
    ] {
        let found = validate(&machine_of(vec![drive.clone()]));
        assert_eq!(found.0.first().map(|d| d.at.to_string()).unwrap_or_default(), expected, "{drive:?}");
    }
}

#[test]
fn names_decide_which_drive_is_which() {
    use Partner::{Is, Open};
    let named = |d: Drive, name: &str| Drive { name: name.to_owned(), ..d };
    let says = |m: Option<Medium>, name: &str| Wanted { name: name.to_owned(), ..block(m) };
    let known = [named(drive(1, "ide:0:0", image("a")), "aa"), named(drive(2, "ide:0:1", image("b")), "bb")];
    for (what, wanted, expected) in [
        (
            "turned around",
            vec![says(Some(image("b")), "bb"), says(Some(image("a")), "aa")],
            vec![Is(1), Is(0)],
        ),
        (
            "images swapped",
            vec![says(Some(image("b")), "aa"), says(Some(image("a")), "bb")],
            vec![Is(0), Is(1)],
        ),
        ("another name", vec![says(Some(image("b")), "cc")], vec![Is(1)]),
        ("unknown, by another name", vec![says(None, "bb"), block(Some(image("b")))], vec![Open, Open]),
    ] {
        assert_eq!(pair(&wanted, &known), expected, "{what}");
    }
}

#[test]
fn the_same_image_is_refused() {
    let found = |media: Vec<Option<Medium>>| plan::twice(&all(media));
    assert_eq!(found(vec![Some(image("a")), Some(image("b")), Some(image("a"))]), [(0, 2)]);
    assert_eq!(found(vec![Some(Medium::Console), Some(Medium::Console), None, None]), []);
    let mut planned = machine_of(vec![iso("/a"), iso("a")]);
    let effects = plan(None, &M::default(), &mut planned);
    assert_eq!(effects.diagnostics.0[0].at.to_string(), "cdrom[1].path");
}

#[test]
fn places_and_names_are_checked() {
    let at = |ty: Option<&str>, bus: Option<i64>, unit: Option<i64>| CdromModel {
        controller_type: ty.map(str::to_owned).into(),
        controller_bus_number: bus.into(),
        controller_unit_number: unit.into(),
        ..client()
    };
    for (drives, expected) in [
        (vec![at(Some("ide"), None, None)], ""),
        (vec![at(Some("ide"), Some(1), Some(1))], ""),
        (vec![at(Some("sata"), Some(3), Some(29))], ""),
        (vec![at(None, Some(0), None)], "cdrom[0].controller_type"),
        (vec![at(Some("sata"), None, Some(0))], "cdrom[0].controller_bus_number"),
        (vec![at(Some("ide"), Some(2), Some(0))], "cdrom[0].controller_bus_number"),
        (vec![at(Some("ide"), Some(0), Some(2))], "cdrom[0].controller_unit_number"),
        (
            vec![at(Some("ide"), Some(0), Some(0)), at(Some("ide"), Some(0), Some(0))],
            "cdrom[1].controller_unit_number",
        ),
        (
            vec![CdromModel { name: "aa".into(), ..client() }, CdromModel { name: "aa".into(), ..client() }],
            "cdrom[1].name",
        ),
    ] {
        let found = validate(&machine_of(drives.clone()));
        assert_eq!(found.0.first().map(|d| d.at.to_string()).unwrap_or_default(), expected, "{drives:?}");
    }
    // A disk is in the way.
    let disk = DiskModel { device_address: "ide:0:0".into(), ..Default::default() };
    let mut planned = M { disk: vec![disk].into(), ..machine_of(vec![at(Some("ide"), Some(0), Some(0))]) };
    let effects = plan(None, &M::default(), &mut planned);
    assert_eq!(effects.diagnostics.0[0].at.to_string(), "cdrom[0].controller_unit_number");
}

#[test]
fn a_drive_moves_with_its_medium_and_others_change_places() {
    let at = |block: CdromModel, bus: &str, controller: i64, unit: i64| CdromModel {
        controller_type: bus.into(),
        controller_bus_number: controller.into(),
        controller_unit_number: unit.into(),
        ..block
    };
    let there =
        || vec![iso_device(3000, 200, 0, "[ds one] a.iso"), iso_device(3001, 200, 1, "[ds one] b.iso")];
    let prior =
        machine_of(vec![at_place(iso("a.iso"), 3000, "ide:0:0"), at_place(iso("b.iso"), 3001, "ide:0:1")]);
    for (wanted, expected, off) in [
        (vec![at(iso("a.iso"), "ide", 0, 1), at(iso("b.iso"), "ide", 0, 0)], ["ide:0:1", "ide:0:0"], 4),
        (vec![at(iso("a.iso"), "sata", 0, 5), iso("b.iso")], ["sata:0:5", "ide:0:1"], 1),
    ] {
        let mut planned = machine_of(wanted);
        let said = plan(Some(&prior), &M::default(), &mut planned);
        let mut out = with_sata(there());
        let effects = assemble(Some(&prior), &planned, &names(), (false, true), &mut out);
        assert!(effects.diagnostics.is_empty(), "{}", effects.diagnostics);
        assert_eq!((said.power_off.len(), effects.power_off.len()), (off, off));
        let devices = out.devices.clone();
        let mut config = vsphere_client::vim::types::VirtualMachineConfigInfo::default();
        config.hardware.device = devices.clone().into_inner();
        let vm = VirtualMachine { config: Some(Box::new(config)), ..Default::default() };
        for b in blocks(&planned).to_vec().iter().filter(|b| b.key.is_unknown()) {
            assert!(b.device_address.is_unknown());
        }
        let places: Vec<(String, String)> = devices
            .cdroms()
            .iter()
            .map(|(a, d)| (format!("{:?}", d.medium()), a.unwrap().to_string()))
            .collect();
        for (file, address) in ["a.iso", "b.iso"].iter().zip(expected) {
            assert!(places.iter().any(|(m, a)| m.contains(file) && a == address), "{places:?}");
        }
        // It rests then.
        let state = M { imported: Value::Null, ..machine_of(observed(&vm, &machine_of(vec![]), true)) };
        let mut out = Assembly::of(devices, HardwareVersion(19));
        let mut settled = planned.clone();
        let known: Vec<CdromModel> = blocks(&planned)
            .iter()
            .map(|b| {
                let is = blocks(&state).iter().find(|s| s.path == b.path).unwrap();
                CdromModel { key: is.key, device_address: is.device_address.clone(), ..b.clone() }
            })
            .collect();
        settled.cdrom = known.into();
        assemble(Some(&settled.clone()), &settled, &names(), (false, true), &mut out);
        assert!(out.is_empty());
    }
}

#[test]
fn drives_are_connected_as_declared() {
    let says = |connected: Option<bool>, start: Option<bool>, guest: Option<bool>| CdromModel {
        connected: connected.into(),
        start_connected: start.into(),
        allow_guest_control: guest.into(),
        ..iso("a.iso")
    };
    // What a drive that is connected now and at start, and that the guest controls, becomes.
    for (block, is_on, expected) in [
        (says(None, None, None), true, None),
        (says(Some(true), None, Some(true)), true, None),
        (says(Some(false), None, None), true, Some((false, false, true))),
        (says(Some(false), Some(true), None), true, Some((false, true, true))),
        (says(None, None, Some(false)), true, Some((true, true, false))),
        (says(None, Some(false), None), true, Some((true, false, true))),
        // Off, what counts is whether it is going to be connected.
        (says(Some(true), None, None), false, None),
        (says(Some(false), None, None), false, Some((false, false, true))),
    ] {
        let prior = machine_of(vec![at_place(iso("a.iso"), 3000, "ide:0:0")]);
        let plan = machine_of(vec![at_place(block.clone(), 3000, "ide:0:0")]);
        let mut out = with_sata(vec![iso_device(3000, 200, 0, "[ds one] a.iso")]);
        let effects = assemble(Some(&prior), &plan, &names(), (false, is_on), &mut out);
        assert_eq!(effects, Effects::default(), "it is hot");
        let specs = out.finish().0;
        let found = specs.first().and_then(|s| s.device.base()).and_then(|b| b.connectable.clone());
        let found = found.map(|c| (c.connected, c.start_connected, c.allow_guest_control));
        assert_eq!(found, expected, "{block:?}");
    }
}

#[test]
fn a_declared_zero_is_not_nothing() {
    let prior = machine_of(vec![at_place(iso("a"), 3000, "ide:0:0")]);
    let config = CdromModel {
        allow_guest_control: false.into(),
        controller_type: "ide".into(),
        controller_bus_number: 0.into(),
        ..iso("a")
    };
    // The plan rule takes a zero for nothing.
    let mut planned = M {
        change_version: "1".into(),
        ..machine_of(vec![CdromModel { controller_type: "ide".into(), ..iso("a") }])
    };
    assert_eq!(plan(Some(&prior), &machine_of(vec![config.clone()]), &mut planned), Effects::default());
    assert_eq!(blocks(&planned), [at_place(config.clone(), 3000, "ide:0:0")]);
    assert!(planned.change_version.is_unknown());
    let mut rests = M { change_version: "1".into(), ..machine_of(vec![config.clone()]) };
    plan(
        Some(&machine_of(vec![at_place(config.clone(), 3000, "ide:0:0")])),
        &machine_of(vec![config]),
        &mut rests,
    );
    assert_eq!(rests.change_version, "1".into());
}
