use super::super::model::NicModel;
use super::plan::{Bandwidth, Mac, Nic, Step, Wanted};
use super::*;
use crate::vm::virtual_machine::assembly::Assembly;
use proptest::prelude::*;
use std::collections::BTreeSet;
use vsphere_client::MoRef;
use vsphere_client::device::{
    AdapterType, Devices, HardwareVersion, ethernet_mut, new_nic, physical_function,
};
use vsphere_client::vim::types::{
    VirtualController, VirtualDevice, VirtualDeviceConfigSpecOperation as Operation, VirtualDeviceKind,
    VirtualPCIController,
};

fn nic(key: i64, network: &str, mac: &str) -> Nic {
    Nic {
        key,
        adapter: "vmxnet3".to_owned(),
        network: Some(network.to_owned()),
        mac: mac.to_owned(),
        ..Nic::default()
    }
}

fn want(network: &str) -> Wanted {
    Wanted {
        adapter: Some("vmxnet3".to_owned()),
        network: Some(network.to_owned()),
        mac: Mac::Any,
        bandwidth: Some(Bandwidth::default()),
        function: Some(None),
        port: None,
        name: String::new(),
        unnamed: false,
    }
}

fn fixed(network: &str, mac: &str) -> Wanted {
    Wanted { mac: Mac::Fixed(mac.to_owned()), ..want(network) }
}

fn limited(network: &str, limit: i64) -> Wanted {
    Wanted { bandwidth: Some(Bandwidth { limit, ..Bandwidth::default() }), ..want(network) }
}

/// What a state would say of it.
fn as_nic(w: &Wanted, key: i64, fresh: &str) -> Nic {
    let (mac, manual) = match &w.mac {
        Mac::Fixed(mac) => (mac.clone(), true),
        _ => (fresh.to_owned(), false),
    };
    Nic {
        key,
        adapter: w.adapter.clone().unwrap(),
        network: w.network.clone(),
        mac,
        manual,
        bandwidth: w.bandwidth.clone().unwrap(),
        function: w.function.clone().unwrap(),
        port: w.port.clone(),
        name: w.name.clone(),
    }
}

fn manual(key: i64, network: &str, mac: &str) -> Nic {
    Nic { manual: true, ..nic(key, network, mac) }
}

#[test]
fn names_decide_which_interface_is_which() {
    use Partner::{Is, Open};
    let named = |w: Wanted, name: &str| Wanted { name: name.to_owned(), ..w };
    let called = |nic: Nic, name: &str| Nic { name: name.to_owned(), ..nic };
    let known = [called(nic(1, "a", "m1"), "eth0"), called(nic(2, "a", "m2"), "eth1")];
    let half = [called(nic(1, "a", "m1"), "eth0"), nic(2, "a", "m2")];
    let none = [nic(1, "a", "m1"), nic(2, "a", "m2")];
    let fixed_of = |name: &str, mac: &str| named(fixed("a", mac), name);
    let manual = [called(manual(1, "a", "m1"), "eth0"), called(manual(2, "a", "m2"), "eth1")];
    let unknown = |name: &str| Wanted { network: None, ..named(want(""), name) };
    for (what, wanted, known, expected) in [
        ("the first is removed", vec![named(want("a"), "eth1")], &known, vec![Is(1)]),
        (
            "turned around",
            vec![named(want("a"), "eth1"), named(want("a"), "eth0")],
            &known,
            vec![Is(1), Is(0)],
        ),
        (
            "networks are exchanged",
            vec![named(want("b"), "eth1"), named(want("a"), "x")],
            &known,
            vec![Is(1), Is(0)],
        ),
        ("renamed", vec![named(want("a"), "x"), named(want("a"), "y")], &known, vec![Is(0), Is(1)]),
        ("names are omitted", vec![want("a"), want("a")], &known, vec![Is(0), Is(1)]),
        ("of two that are alike, the named one is removed", vec![want("a")], &half, vec![Is(1)]),
        ("the first is named", vec![named(want("a"), "eth0"), want("a")], &none, vec![Is(0), Is(1)]),
        (
            "an address decides before a name",
            vec![fixed_of("eth1", "m1"), fixed_of("eth0", "m2")],
            &manual,
            vec![Is(0), Is(1)],
        ),
        (
            "a network is not known yet",
            vec![named(want("a"), "eth1"), unknown("eth0")],
            &known,
            vec![Open, Open],
        ),
        (
            "a name is not known yet",
            vec![want("a"), Wanted { unnamed: true, ..want("a") }],
            &known,
            vec![Open, Open],
        ),
    ] {
        assert_eq!(plan::pair(&wanted, known), expected, "{what}");
    }
}

#[test]
fn blocks_are_paired_by_what_identifies_them() {
    use Partner::{Is, New, Open};
    let three = [nic(1, "a", "m1"), nic(2, "b", "m2"), nic(3, "c", "m3")];
    let same = [nic(1, "a", "m1"), nic(2, "a", "m2"), nic(3, "a", "m3")];
    let macs = [manual(1, "a", "m1"), manual(2, "a", "m2"), manual(3, "a", "m3")];
    let limits: Vec<Nic> = (1..4).map(|n| as_nic(&limited("a", n), n, &format!("m{n}"))).collect();
    let function = |f: &str| Wanted { function: Some(Some(f.to_owned())), ..want("a") };
    let functions: Vec<Nic> =
        (1..4).map(|n| as_nic(&function(&format!("f{n}")), n, &format!("m{n}"))).collect();
    let types = [nic(1, "a", "m1"), Nic { adapter: "e1000".to_owned(), ..nic(2, "b", "m2") }];
    let unknown = Wanted { network: None, ..want("") };
    let e1000 = Wanted { adapter: Some("e1000".to_owned()), ..want("b") };
    for (what, wanted, known, expected) in [
        ("the first of three is removed", vec![want("b"), want("c")], &three[..], vec![Is(1), Is(2)]),
        (
            "one comes first",
            vec![want("x"), want("a"), want("b"), want("c")],
            &three,
            vec![New, Is(0), Is(1), Is(2)],
        ),
        ("turned around", vec![want("c"), want("b"), want("a")], &three, vec![Is(2), Is(1), Is(0)]),
        ("a network changes", vec![want("a"), want("x"), want("c")], &three, vec![Is(0), Is(1), Is(2)]),
        ("all on one network", vec![want("a"), want("a")], &same, vec![Is(0), Is(1)]),
        ("distinguished by addresses", vec![fixed("a", "m2"), fixed("a", "m3")], &macs, vec![Is(1), Is(2)]),
        ("the address moves to another network", vec![fixed("x", "m3")], &macs, vec![Is(2)]),
        ("an address is chosen by hand", vec![fixed("a", "m2")], &same, vec![Is(1)]),
        ("another address", vec![fixed("a", "m9")], &macs[..1], vec![Is(0)]),
        ("distinguished by bandwidth", vec![limited("a", 2), limited("a", 3)], &limits, vec![Is(1), Is(2)]),
        ("the type says more than the place", vec![want("x"), e1000.clone()], &three, vec![Is(0), Is(1)]),
        ("distinguished by functions", vec![function("f2"), function("f3")], &functions, vec![Is(1), Is(2)]),
        (
            "the network says more than the place",
            vec![limited("b", 9), limited("a", 9)],
            &three[..2],
            vec![Is(1), Is(0)],
        ),
        (
            "of one type, wherever they are",
            vec![Wanted { network: Some("x".to_owned()), ..e1000.clone() }, want("y")],
            &types,
            vec![Is(1), Is(0)],
        ),
        ("one is not known yet", vec![unknown.clone()], &three[..1], vec![Is(0)]),
        ("one of two is not known yet", vec![want("a"), unknown.clone()], &three[..2], vec![Is(0), Is(1)]),
        ("which of two it is", vec![unknown.clone(), unknown.clone()], &three[..2], vec![Open, Open]),
        ("may be any of three", vec![unknown.clone()], &three, vec![Open]),
        ("new, whatever it is", vec![want("a"), unknown.clone()], &three[..1], vec![Is(0), New]),
        ("may push the next one", vec![unknown, want("a")], &three[..2], vec![Open, Open]),
    ] {
        assert_eq!(plan::pair(&wanted, known), expected, "{what}");
    }
}

#[test]
fn interfaces_of_the_state_are_found_by_key_and_address() {
    let known = [nic(4000, "a", "m1"), nic(4001, "a", "m2")];
    let e1000 = Nic { adapter: "e1000".to_owned(), ..nic(4001, "a", "x") };
    for (what, there, expected) in [
        ("as they were", vec![nic(4000, "a", "m1"), nic(4001, "a", "m2")], vec![Some(0), Some(1)]),
        ("in another order", vec![nic(4001, "a", "m2"), nic(4000, "a", "m1")], vec![Some(1), Some(0)]),
        ("with other keys", vec![nic(4001, "a", "m1"), nic(4000, "a", "m2")], vec![Some(0), Some(1)]),
        ("on another network", vec![nic(4000, "b", "m1"), nic(4001, "c", "m2")], vec![Some(0), Some(1)]),
        ("one is removed", vec![nic(4001, "a", "m2")], vec![None, Some(0)]),
        ("one has another address", vec![nic(4000, "a", "m1"), nic(4001, "a", "x")], vec![Some(0), Some(1)]),
        ("foreign", vec![nic(4000, "a", "m1"), nic(4002, "a", "x")], vec![Some(0), None]),
        ("another device with the key", vec![nic(4000, "a", "m1"), e1000], vec![Some(0), None]),
        ("none", vec![], vec![None, None]),
    ] {
        assert_eq!(plan::locate(&known, &there), expected, "{what}");
    }
    let nameless = [nic(4000, "a", ""), nic(4001, "a", "")];
    assert_eq!(plan::locate(&nameless, &[nic(4002, "a", "")]), [None, None]);
}

#[test]
fn changes_that_require_powering_off_are_exact() {
    let of = |adapter: &str| Wanted { adapter: Some(adapter.to_owned()), ..want("a") };
    let there = |adapter: &str| Nic { adapter: adapter.to_owned(), ..nic(1, "a", "m1") };
    for (what, wanted, there, off) in [
        ("added", vec![want("a")], vec![], false),
        ("removed", vec![], vec![there("vmxnet3")], false),
        ("exchanged", vec![of("e1000")], vec![there("vmxnet3")], false),
        ("moved", vec![want("b")], vec![there("vmxnet3")], false),
        ("limited", vec![limited("a", 5)], vec![there("vmxnet3")], false),
        ("another address", vec![fixed("a", "m2")], vec![there("vmxnet3")], true),
        ("the address pinned", vec![fixed("a", "m1")], vec![there("vmxnet3")], true),
        ("sriov added", vec![of("sriov")], vec![], true),
        ("sriov removed", vec![], vec![there("sriov")], true),
        ("to sriov", vec![of("sriov")], vec![there("vmxnet3")], true),
        ("from sriov", vec![of("e1000")], vec![there("sriov")], true),
        (
            "sriov moved",
            vec![Wanted { network: Some("b".to_owned()), ..of("sriov") }],
            vec![there("sriov")],
            true,
        ),
        ("rdma added", vec![of("vmxnet3vrdma")], vec![], true),
    ] {
        let to: Vec<_> = plan::pair(&wanted, &there).iter().map(|p| p.index()).collect();
        let steps = plan::steps(&wanted, &there, &to, |_| true);
        assert_eq!(steps.len(), 1, "{what}");
        assert_eq!(plan::power_off(&steps[0], &wanted, &there).is_some(), off, "{what}");
    }
}

#[test]
fn only_what_differs_is_edited() {
    let there = [Nic { port: Some("p1".to_owned()), ..nic(1, "a", "m1") }];
    let port = |p: &str| Wanted { port: Some(p.to_owned()), ..want("a") };
    let step = |wanted: Wanted| plan::steps(&[wanted], &there, &[Some(0)], |_| true);
    assert_eq!(step(want("a")), []);
    assert_eq!(step(port("p1")), []);
    let edit = |edits| vec![Step::Edit { block: 0, nic: 0, edits }];
    assert_eq!(step(port("p2")), edit(plan::Edits { port: true, ..Default::default() }));
    assert_eq!(step(want("b")), edit(plan::Edits { network: true, ..Default::default() }));
    assert_eq!(step(limited("a", 1)), edit(plan::Edits { bandwidth: true, ..Default::default() }));
    assert_eq!(step(fixed("a", "m1")), edit(plan::Edits { mac: true, ..Default::default() }));
    let function = Wanted { function: Some(Some("f".to_owned())), ..want("a") };
    assert_eq!(step(function), edit(plan::Edits { function: true, ..Default::default() }));
    // A device of an unknown type is not replaced for that.
    let foreign = [Nic { adapter: String::new(), ..nic(1, "a", "m1") }];
    assert_eq!(plan::steps(&[want("a")], &foreign, &[Some(0)], |_| true), []);
}

/// What a server does with the steps; fresh addresses and keys begin where no other ones do.
fn apply(there: &[Nic], wanted: &[Wanted], steps: &[Step], fresh: &mut i64) -> Vec<Nic> {
    let mut out: Vec<Option<Nic>> = there.iter().cloned().map(Some).collect();
    let mut new = vec![];
    for step in steps {
        let mut make = |block: usize| {
            *fresh += 1;
            new.push(as_nic(&wanted[block], *fresh, &format!("fresh{fresh}")));
        };
        match step {
            Step::Remove { nic } => out[*nic] = None,
            Step::Add { block } => make(*block),
            Step::Replace { block, nic } => {
                out[*nic] = None;
                make(*block);
            }
            Step::Edit { block, nic, edits } => {
                let old = out[*nic].clone().unwrap();
                let all = as_nic(&wanted[*block], old.key, &format!("fresh{}", old.key));
                let nic = out[*nic].as_mut().unwrap();
                if edits.network {
                    nic.network = all.network;
                }
                if edits.mac {
                    (nic.mac, nic.manual) = (all.mac, all.manual);
                }
                if edits.bandwidth {
                    nic.bandwidth = all.bandwidth;
                }
                if edits.function {
                    nic.function = all.function;
                }
                if edits.port {
                    nic.port = all.port;
                }
            }
        }
    }
    out.into_iter().flatten().chain(new).collect()
}

#[test]
fn an_interface_that_a_killed_run_has_added_is_not_added_again() {
    let mine = nic(4000, "a", "m0");
    let added = nic(4001, "b", "m1");
    for (second, there, expected) in [
        ("b", vec![mine.clone(), added.clone()], Some(1)),
        // Interfaces that differ are foreign.
        ("c", vec![mine.clone(), added.clone()], None),
        ("b", vec![mine.clone(), Nic { manual: true, ..added.clone() }], None),
        ("b", vec![mine.clone()], None),
    ] {
        let ours: Vec<bool> = (0..there.len()).map(|n| n == 0).collect();
        let to = plan::taken_over(&[want("a"), want(second)], &there, vec![Some(0), None], &ours);
        assert_eq!(to, [Some(0), expected], "{second} {there:?}");
    }
    // One is taken once.
    let ours = [true, false];
    let to = plan::taken_over(&[want("b"), want("b")], &[mine, added], vec![None, None], &ours);
    assert_eq!(to, [Some(1), None]);
}

fn wanted() -> impl Strategy<Value = Wanted> {
    (0..3_usize, 0..3_usize, 0..5_usize, -1..2_i64, 0..4_usize, 0..6_usize).prop_map(
        |(network, adapter, mac, limit, port, name)| Wanted {
            adapter: Some(["vmxnet3", "vmxnet3", "e1000"][adapter].to_owned()),
            network: Some(["a", "b", "c"][network].to_owned()),
            mac: if mac < 3 { Mac::Any } else { Mac::Fixed(format!("m{mac}")) },
            bandwidth: Some(Bandwidth { limit, ..Bandwidth::default() }),
            function: Some(None),
            port: (port == 0).then(|| "p".to_owned()),
            name: ["", "", "", "eth0", "eth1", "eth2"][name].to_owned(),
            unnamed: false,
        },
    )
}

/// Blocks without an address or a name that is given twice: that is refused before.
fn blocks_of(most: usize) -> impl Strategy<Value = Vec<Wanted>> {
    proptest::collection::vec(wanted(), 0..=most).prop_map(|all| {
        let (mut seen, mut names) = (BTreeSet::new(), BTreeSet::new());
        let unique = |w: &Wanted| {
            let new = w.name.is_empty() || names.insert(w.name.clone());
            match &w.mac {
                Mac::Fixed(mac) if new => seen.insert(mac.clone()),
                _ => new,
            }
        };
        all.into_iter().filter(unique).collect()
    })
}

/// The state, and the existing interfaces: some are removed, and some are foreign. In any order.
fn machine() -> impl Strategy<Value = (Vec<Nic>, Vec<Nic>)> {
    (
        blocks_of(5),
        proptest::collection::vec(any::<(bool, bool)>(), 5),
        0..3_i64,
        any::<prop::sample::Index>(),
    )
        .prop_map(|(blocks, fate, foreign, turn)| {
            let state: Vec<Nic> =
                (4000..).zip(&blocks).map(|(k, w)| as_nic(w, k, &format!("auto{k}"))).collect();
            let mut there: Vec<Nic> =
                state.iter().zip(&fate).filter(|(_, f)| f.0 || f.1).map(|(n, _)| n.clone()).collect();
            there.extend((0..foreign).map(|n| nic(4900 + n, "a", &format!("foreign{n}"))));
            if !there.is_empty() {
                let by = turn.index(there.len());
                there.rotate_left(by);
            }
            (state, there)
        })
}

/// One pass of planning as it is done for an update.
fn pass(wanted: &[Wanted], state: &[Nic], there: &[Nic]) -> (Vec<Step>, Vec<Option<usize>>) {
    let found = plan::locate(state, there);
    let to: Vec<Option<usize>> = plan::pair(wanted, state).iter().map(|p| found[p.index()?]).collect();
    let steps = plan::steps(wanted, there, &to, |n| found.contains(&Some(n)));
    (steps, to)
}

/// The state after an apply: what the blocks have become, in their order.
fn state_after(
    wanted: &[Wanted],
    steps: &[Step],
    to: &[Option<usize>],
    there: &[Nic],
    after: &[Nic],
    first: i64,
) -> Vec<Nic> {
    let mut fresh = first;
    let mut keys = vec![0; wanted.len()];
    for step in steps {
        if let Step::Add { block } | Step::Replace { block, .. } = step {
            fresh += 1;
            keys[*block] = fresh;
        }
    }
    for (key, to) in keys.iter_mut().zip(to) {
        if *key == 0 {
            *key = there[to.unwrap()].key;
        }
    }
    // vSphere does not store names: the state has those of the blocks.
    let one = |(key, w): (&i64, &Wanted)| {
        let found = after.iter().find(|n| n.key == *key).unwrap();
        Nic { name: w.name.clone(), ..found.clone() }
    };
    keys.iter().zip(wanted).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn one_apply_is_enough_and_touches_only_what_is_ours((state, there) in machine(), wanted in blocks_of(5)) {
        let mut fresh = 5000;
        let (steps, to) = pass(&wanted, &state, &there);
        let after = apply(&there, &wanted, &steps, &mut fresh);
        let ours: BTreeSet<i64> = state.iter().map(|n| n.key).collect();
        for foreign in there.iter().filter(|n| !ours.contains(&n.key)) {
            prop_assert!(after.contains(foreign));
        }
        let foreign = there.iter().filter(|n| !ours.contains(&n.key)).count();
        prop_assert_eq!(after.len(), wanted.len() + foreign);
        let now = state_after(&wanted, &steps, &to, &there, &after, 5000);
        for (w, n) in wanted.iter().zip(&now) {
            let as_is = as_nic(&Wanted { port: w.port.clone().or_else(|| n.port.clone()), ..w.clone() }, n.key, &n.mac);
            prop_assert_eq!(n, &as_is);
        }
        // It rests, also when the server lists its devices in another order.
        let mut turned = after.clone();
        turned.reverse();
        prop_assert_eq!(pass(&wanted, &now, &after).0, vec![]);
        prop_assert_eq!(pass(&wanted, &now, &turned).0, vec![]);
    }

    #[test]
    fn no_more_is_removed_or_added_than_the_number_or_the_types_ask_for((state, _) in machine(), wanted in blocks_of(5)) {
        let (steps, _) = pass(&wanted, &state, &state);
        let count = |f: fn(&Step) -> bool| steps.iter().filter(|s| f(s)).count();
        let added = count(|s| matches!(s, Step::Add { .. }));
        let removed = count(|s| matches!(s, Step::Remove { .. }));
        prop_assert_eq!(added, wanted.len().saturating_sub(state.len()));
        prop_assert_eq!(removed, state.len().saturating_sub(wanted.len()));
    }

    #[test]
    fn blocks_may_change_places_and_one_that_goes_takes_no_other_along(blocks in blocks_of(5), out in any::<prop::sample::Index>(), turn in 0..5_usize) {
        // A port alone does not distinguish two interfaces: it is mostly the server's.
        let blocks: Vec<Wanted> = blocks.into_iter().map(|w| Wanted { port: None, ..w }).collect();
        let state: Vec<Nic> = (4000..).zip(&blocks).map(|(k, w)| as_nic(w, k, &format!("auto{k}"))).collect();
        let mut turned = blocks.clone();
        if !turned.is_empty() {
            turned.rotate_left(turn % blocks.len());
            if turn % 2 == 1 {
                turned.reverse();
            }
        }
        prop_assert_eq!(pass(&turned, &state, &state).0, vec![]);
        if !blocks.is_empty() {
            let out = out.index(blocks.len());
            let removed = blocks[out].clone();
            turned.remove(turned.iter().position(|w| *w == removed).unwrap());
            let (steps, _) = pass(&turned, &state, &state);
            prop_assert_eq!(steps.len(), 1);
            let is_removed = matches!(steps[0], Step::Remove { nic } if as_nic(&removed, state[nic].key, &state[nic].mac) == state[nic]);
            prop_assert!(is_removed, "{:?}", steps);
        }
    }

    #[test]
    fn what_is_said_before_all_is_known_holds_afterwards((state, _) in machine(), full in blocks_of(5), masks in proptest::collection::vec(0..8_usize, 5)) {
        let mut open = full.clone();
        for (w, mask) in open.iter_mut().zip(masks) {
            match mask {
                0 => w.network = None,
                1 => w.adapter = None,
                2 => w.bandwidth = None,
                // An address that was not known and turns out to be that of another interface, which the server
                // chose, is left out: the machine would then have it twice.
                4 => (w.name, w.unnamed) = (String::new(), true),
                3 if !matches!(&w.mac, Mac::Fixed(m) if state.iter().any(|n| n.mac == *m && !n.manual)) => w.mac = Mac::Unknown,
                _ => {}
            }
        }
        let (before, after) = (plan::pair(&open, &state), plan::pair(&full, &state));
        for (said, is) in before.iter().zip(&after) {
            prop_assert!(*said == Partner::Open || said == is, "{:?} then {:?}", before, after);
        }
    }

    #[test]
    fn a_template_is_taken_over_in_order((_, there) in machine(), wanted in blocks_of(5)) {
        let to = plan::pair_in_order(wanted.len(), there.len());
        let steps = plan::steps(&wanted, &there, &to, |_| true);
        let after = apply(&there, &wanted, &steps, &mut 5000);
        prop_assert_eq!(after.len(), wanted.len());
        for (w, nic) in wanted.iter().zip(&there) {
            if w.adapter.as_ref() == Some(&nic.adapter) {
                prop_assert!(after.iter().any(|n| n.key == nic.key && n.network == w.network));
            }
        }
    }
}

// From here on with blocks and devices.

fn block(network: &str) -> NicModel {
    NicModel {
        network_id: network.into(),
        adapter_type: "vmxnet3".into(),
        bandwidth_limit: Value::Known(-1),
        bandwidth_reservation: Value::Known(0),
        bandwidth_share_level: "normal".into(),
        ..Default::default()
    }
}

fn stored(network: &str, key: i64, mac: &str) -> NicModel {
    NicModel {
        key: key.into(),
        mac_address: mac.into(),
        device_address: format!("pci:0:{}", key - 4000 + 7).into(),
        bandwidth_share_count: Value::Known(50),
        external_port_id: "".into(),
        use_static_mac: false.into(),
        ..block(network)
    }
}

fn machine_of(nics: Vec<NicModel>) -> M {
    M { network_interface: nics.into(), ..Default::default() }
}

fn connections() -> Connections {
    let standard = |id: &str, name: &str| Connection::Standard {
        network: Some(MoRef::new("Network", id)),
        name: name.to_owned(),
    };
    let group = Connection::Distributed {
        switch_uuid: "50 1c".to_owned(),
        portgroup_key: Some("dvportgroup-12".to_owned()),
        port_key: None,
    };
    [
        ("network-6".to_owned(), standard("network-6", "VM Network")),
        ("network-7".to_owned(), standard("network-7", "Storage")),
        ("dvportgroup-12".to_owned(), group),
        (
            "network-o9".to_owned(),
            Connection::Opaque { id: "ls-1".to_owned(), ty: "nsx.LogicalSwitch".to_owned() },
        ),
    ]
    .into()
}

fn device(ty: AdapterType, key: i32, network: &str, mac: &str) -> VirtualDeviceKind {
    let mut device = new_nic(ty, key, &connections()[network], None);
    let card = ethernet_mut(&mut device).unwrap();
    card.mac_address = Some(mac.to_owned());
    card.address_type = Some("assigned".to_owned());
    card.base.controller_key = Some(100);
    card.base.unit_number = Some(key - 4000 + 7);
    device
}

fn assembly(nics: Vec<VirtualDeviceKind>) -> Assembly {
    let base =
        VirtualController { base: VirtualDevice { key: 100, ..Default::default() }, ..Default::default() };
    let pci = VirtualPCIController { base }.into();
    Assembly::of(std::iter::once(pci).chain(nics).collect::<Devices>(), HardwareVersion(19))
}

#[test]
fn a_new_machine_gets_its_interfaces() {
    let mut custom = block("dvportgroup-12");
    custom.bandwidth_share_level = "custom".into();
    custom.bandwidth_share_count = Value::Known(70);
    custom.external_port_id = "port".into();
    custom.use_static_mac = true.into();
    custom.mac_address = "00-50-56-AA-bb-01".into();
    let mut sriov = block("network-7");
    sriov.adapter_type = "sriov".into();
    sriov.physical_function = "0000:3b:00.0".into();
    let mut unset = block("network-6");
    unset.mac_address = Value::Unknown;
    let mut out = assembly(vec![]);
    let effects = assemble(None, &machine_of(vec![unset, custom, sriov]), &connections(), &mut out);
    assert_eq!(effects.power_off.len(), 1, "only SR-IOV matters to a virtual machine that is on");
    let (specs, _) = out.finish();
    let cards: Vec<_> = specs.iter().map(|s| (s.operation.clone(), s.device.clone())).collect();
    assert!(cards.iter().all(|(op, _)| *op == Some(Operation::Add)));
    let mut devices: Vec<_> = cards.into_iter().map(|(_, d)| d).collect();
    let first = ethernet_mut(&mut devices[0]).unwrap();
    assert_eq!((first.mac_address.as_deref(), first.resource_allocation.is_some()), (None, false));
    let second = ethernet_mut(&mut devices[1]).unwrap();
    assert_eq!(second.mac_address.as_deref(), Some("00:50:56:aa:bb:01"));
    assert_eq!(second.address_type.as_deref(), Some("manual"));
    assert_eq!(second.external_id.as_deref(), Some("port"));
    let shares = &second.resource_allocation.as_ref().unwrap().share;
    assert_eq!((shares.shares, shares.level.as_str()), (70, "custom"));
    assert_eq!(
        Connection::of(second.base.backing.as_deref().unwrap()),
        connections().remove("dvportgroup-12")
    );
    assert_eq!(physical_function(&devices[2]), Some("0000:3b:00.0"));
}

#[test]
fn a_copy_takes_over_the_interfaces_of_its_template() {
    let there = vec![
        device(AdapterType::Vmxnet3, 4000, "network-6", "00:50:56:00:00:01"),
        device(AdapterType::E1000, 4001, "network-6", "00:50:56:00:00:02"),
        device(AdapterType::Vmxnet3, 4002, "network-6", "00:50:56:00:00:03"),
    ];
    let mut out = assembly(there);
    let effects =
        assemble(None, &machine_of(vec![block("network-7"), block("network-6")]), &connections(), &mut out);
    assert!(effects.power_off.is_empty());
    let (specs, blame) = out.finish();
    let operations: Vec<_> = specs
        .iter()
        .map(|s| (s.operation.clone().unwrap(), vsphere_client::device::key(&s.device)))
        .collect();
    assert_eq!(
        operations[..3],
        [(Operation::Remove, 4002), (Operation::Remove, 4001), (Operation::Edit, 4000)]
    );
    assert_eq!(operations[3].0, Operation::Add);
    let mut edited = specs[2].device.clone();
    // The address of the template is not that of the copy.
    assert_eq!(ethernet_mut(&mut edited).unwrap().mac_address, None);
    let fault = vsphere_client::Fault::new(
        "InvalidDeviceSpec",
        "Invalid operation for device '2'.",
        Default::default(),
    );
    let (path, words) = blame.of(&fault).unwrap();
    assert_eq!(
        (path.to_string().as_str(), words),
        ("network_interface[0]", "the network interface 1 (vmxnet3 on \"network-7\")")
    );
}

#[test]
fn an_update_leaves_foreign_interfaces_alone() {
    let there = || {
        vec![
            device(AdapterType::Vmxnet3, 4000, "network-6", "00:50:56:00:00:01"),
            device(AdapterType::Vmxnet3, 4001, "network-7", "00:50:56:00:00:02"),
            device(AdapterType::Vmxnet3, 4002, "network-6", "00:50:56:00:00:99"),
        ]
    };
    let prior = machine_of(vec![
        stored("network-6", 4000, "00:50:56:00:00:01"),
        stored("network-7", 4001, "00:50:56:00:00:02"),
    ]);
    let mut rests = assembly(there());
    assert_eq!(assemble(Some(&prior), &prior, &connections(), &mut rests), Effects::default());
    assert!(rests.is_empty());
    let mut out = assembly(there());
    let plan = machine_of(vec![stored("network-7", 4001, "00:50:56:00:00:02")]);
    assert_eq!(assemble(Some(&prior), &plan, &connections(), &mut out), Effects::default());
    let (specs, _) = out.finish();
    assert_eq!(specs.len(), 1);
    assert_eq!(
        (specs[0].operation.clone(), vsphere_client::device::key(&specs[0].device)),
        (Some(Operation::Remove), 4000)
    );
}

#[test]
fn a_port_that_the_plan_only_repeats_is_not_declared() {
    let mut prior = stored("network-o9", 4000, "00:50:56:00:00:01");
    prior.external_port_id = "old".into();
    let mut there = device(AdapterType::Vmxnet3, 4000, "network-o9", "00:50:56:00:00:01");
    ethernet_mut(&mut there).unwrap().external_id = Some("moved by NSX".to_owned());
    let mut out = assembly(vec![there.clone()]);
    let state = machine_of(vec![prior.clone()]);
    assemble(Some(&state), &state, &connections(), &mut out);
    assert!(out.is_empty());
    let mut plan = prior;
    plan.external_port_id = "new".into();
    let mut out = assembly(vec![there]);
    assemble(Some(&state), &machine_of(vec![plan]), &connections(), &mut out);
    let mut edited = out.finish().0.remove(0).device;
    assert_eq!(ethernet_mut(&mut edited).unwrap().external_id.as_deref(), Some("new"));
}

/// The plan of the general rule: by place.
fn planned(prior: &[NicModel], config: &[NicModel]) -> Vec<NicModel> {
    let of = |(i, c): (usize, &NicModel)| {
        let p = prior.get(i);
        let computed = |v: &Value<String>, of: fn(&NicModel) -> &Value<String>| match v {
            Value::Null => p.map_or(Value::Unknown, |p| of(p).clone()),
            set => set.clone(),
        };
        NicModel {
            mac_address: computed(&c.mac_address, |p| &p.mac_address),
            external_port_id: computed(&c.external_port_id, |p| &p.external_port_id),
            device_address: computed(&Value::Null, |p| &p.device_address),
            key: p.map_or(Value::Unknown, |p| p.key),
            bandwidth_share_count: match c.bandwidth_share_count {
                Value::Null => p.map_or(Value::Unknown, |p| p.bandwidth_share_count),
                set => set,
            },
            use_static_mac: if c.use_static_mac.is_null() { false.into() } else { c.use_static_mac },
            ..c.clone()
        }
    };
    config.iter().enumerate().map(of).collect()
}

fn plan_of(prior: &[NicModel], config: &[NicModel]) -> (Vec<NicModel>, Effects) {
    let mut model = machine_of(planned(prior, config));
    let effects = plan(Some(&machine_of(prior.to_vec())), &machine_of(config.to_vec()), &mut model);
    (model.network_interface.into_known().unwrap(), effects)
}

#[test]
fn the_plan_knows_what_stays() {
    let prior = [
        stored("network-6", 4000, "00:50:56:00:00:01"),
        stored("network-7", 4001, "00:50:56:00:00:02"),
        stored("dvportgroup-12", 4002, "00:50:56:00:00:03"),
    ];
    let config = [block("network-6"), block("network-7"), block("dvportgroup-12")];
    assert_eq!(plan_of(&prior, &config), (prior.to_vec(), Effects::default()));
    // The first is removed: the others keep keys and addresses.
    assert_eq!(plan_of(&prior, &config[1..]), (prior[1..].to_vec(), Effects::default()));
    // Another network: the same device.
    let (moved, effects) = plan_of(&prior[..1], &[block("network-7")]);
    assert_eq!((moved[0].key, moved[0].mac_address.as_str()), (Value::Known(4000), "00:50:56:00:00:01"));
    assert_eq!(effects, Effects::default());
    // Another type: another device, hot.
    let e1000 = NicModel { adapter_type: "e1000".into(), ..block("network-6") };
    let (new, effects) = plan_of(&prior[..1], &[e1000]);
    assert!(new[0].key.is_unknown() && new[0].mac_address.is_unknown() && new[0].device_address.is_unknown());
    assert_eq!(effects, Effects::default());
    // A further one.
    let (more, _) = plan_of(&prior[..1], &config[..2]);
    assert_eq!(more[0], prior[0]);
    assert!(more[1].key.is_unknown() && more[1].bandwidth_share_count.is_unknown());
    // An address by hand.
    let by_hand = NicModel {
        use_static_mac: true.into(),
        mac_address: "00:50:56:00:00:09".into(),
        ..block("network-6")
    };
    let (pinned, effects) = plan_of(&prior[..1], &[by_hand]);
    assert_eq!((pinned[0].key, pinned[0].mac_address.as_str()), (Value::Known(4000), "00:50:56:00:00:09"));
    assert_eq!(effects.power_off.len(), 1);
    assert_eq!(effects.power_off[0].at.to_string(), "network_interface[0]");
    // And back: vCenter chooses another.
    let mut was = prior[0].clone();
    was.use_static_mac = true.into();
    let (back, effects) = plan_of(&[was], &config[..1]);
    assert!(back[0].mac_address.is_unknown());
    assert_eq!(effects.power_off.len(), 1);
    // Another level stands for another number.
    let (high, _) =
        plan_of(&prior[..1], &[NicModel { bandwidth_share_level: "high".into(), ..block("network-6") }]);
    assert!(high[0].bandwidth_share_count.is_unknown());
}

#[test]
fn the_plan_refuses_what_vsphere_would_not_do() {
    let prior = [stored("network-6", 4000, "00:50:56:00:00:01")];
    let problems = |config: NicModel| plan_of(&prior, &[config]).1.diagnostics;
    let noted = NicModel { mac_address: "00:50:56:00:00:01".into(), ..block("network-6") };
    assert!(problems(noted.clone()).is_empty());
    let other = NicModel { mac_address: "00:50:56:00:00:02".into(), ..noted };
    assert_eq!(problems(other).0[0].at.to_string(), "network_interface[0].mac_address");
    let shares = NicModel { bandwidth_share_count: Value::Known(50), ..block("network-6") };
    assert!(problems(shares.clone()).is_empty());
    // The number of a level is vSphere's, whatever is configured.
    let shares = NicModel { bandwidth_share_count: Value::Known(51), ..shares };
    assert!(problems(shares.clone()).is_empty());
    assert_eq!(plan_of(&prior, std::slice::from_ref(&shares)).0[0].bandwidth_share_count, Value::Known(50));
    let said = validate(&M { network_interface: vec![shares].into(), ..M::default() });
    assert!(!said.has_errors());
    assert_eq!(said.0[0].at.to_string(), "network_interface[0].bandwidth_share_count");
}

fn on(network: &str, key: i64) -> (Wanted, Nic) {
    let wanted = Wanted {
        adapter: Some("vmxnet3".to_owned()),
        network: Some(network.to_owned()),
        bandwidth: Some(Bandwidth::default()),
        function: Some(None),
        ..Wanted::default()
    };
    let nic = Nic {
        key,
        adapter: "vmxnet3".to_owned(),
        network: Some(network.to_owned()),
        mac: format!("00:50:56:00:00:{key:02x}"),
        ..Nic::default()
    };
    (wanted, nic)
}

#[test]
fn of_interfaces_that_are_alike_the_one_whose_block_left_is_removed() {
    let known: Vec<Nic> = (0..).zip(["a", "b", "a", "b"]).map(|(n, name)| on(name, n).1).collect();
    for (networks, kept) in [
        (&["a", "a", "b"][..], &[0, 2, 3][..]),
        (&["b", "a", "b"], &[1, 2, 3]),
        (&["a", "b", "b"], &[0, 1, 3]),
        (&["a", "b", "a"], &[0, 1, 2]),
        (&["b", "b"], &[1, 3]),
        (&["b", "a"], &[1, 2]),
    ] {
        let wanted: Vec<Wanted> = networks.iter().map(|n| on(n, 0).0).collect();
        let to: Vec<usize> = plan::pair(&wanted, &known).into_iter().map(|p| p.index().unwrap()).collect();
        assert_eq!(to, kept, "{networks:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Blocks leave a list of interfaces on few networks: the others keep their devices, in their order.
    #[test]
    fn blocks_that_leave_take_no_other_interface_with_them(
        networks in proptest::collection::vec(0..3_u8, 1..7),
        leaves in proptest::collection::vec(any::<bool>(), 7),
    ) {
        let all: Vec<(Wanted, Nic)> = (0..).zip(&networks).map(|(n, name)| on(&format!("net{name}"), n)).collect();
        let known: Vec<Nic> = all.iter().map(|(_, nic)| nic.clone()).collect();
        let wanted: Vec<Wanted> = all.iter().zip(&leaves).filter(|(_, leaves)| !**leaves).map(|((w, _), _)| w.clone()).collect();
        let to: Vec<usize> = plan::pair(&wanted, &known).into_iter().map(|p| p.index().unwrap()).collect();
        prop_assert!(to.is_sorted_by(|a, b| a < b), "{:?}", to);
        for (w, n) in wanted.iter().zip(&to) {
            prop_assert_eq!(&w.network, &known[*n].network);
        }
        let steps = plan::steps(&wanted, &known, &to.iter().map(|n| Some(*n)).collect::<Vec<_>>(), |_| true);
        prop_assert!(steps.iter().all(|s| matches!(s, Step::Remove { .. })), "{:?}", steps);
    }
}

fn vm(devices: Vec<VirtualDeviceKind>, networks: &[(&str, &str)]) -> VirtualMachine {
    let mut config = vsphere_client::vim::types::VirtualMachineConfigInfo::default();
    config.hardware.device = assembly(devices).devices.into_inner();
    VirtualMachine {
        config: Some(Box::new(config)),
        networks: networks.iter().map(|(ty, id)| MoRef::new(*ty, *id)).collect(),
        ..Default::default()
    }
}

#[test]
fn the_state_says_what_is_there_in_the_order_of_its_blocks() {
    let there = vec![
        device(AdapterType::Vmxnet3, 4000, "network-6", "00:50:56:00:00:01"),
        device(AdapterType::E1000, 4001, "dvportgroup-12", "00:50:56:00:00:02"),
        device(AdapterType::Vmxnet3, 4002, "network-o9", "00:50:56:00:00:03"),
    ];
    let vm = vm(
        there,
        &[
            ("Network", "network-6"),
            ("DistributedVirtualPortgroup", "dvportgroup-12"),
            ("OpaqueNetwork", "network-o9"),
        ],
    );
    assert!(unclear(&vm).is_empty());
    let state = machine_of(vec![
        stored("network-6", 4002, "00:50:56:00:00:03"),
        NicModel {
            ovf_mapping: "eth0".into(),
            name: "eth0".into(),
            ..stored("network-6", 4000, "00:50:56:00:00:01")
        },
        stored("network-6", 4007, "00:50:56:00:00:77"),
    ]);
    let seen = observed(&vm, &state, false, &Connections::new());
    let short: Vec<_> =
        seen.iter().map(|n| (n.key.get(), n.network_id.as_str(), n.ovf_mapping.as_str())).collect();
    assert_eq!(short, [(4002, "network-o9", ""), (4000, "network-6", "eth0")]);
    assert_eq!(seen.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["", "eth0"]);
    let all = observed(&vm, &M::default(), true, &Connections::new());
    let short: Vec<_> = all
        .iter()
        .map(|n| (n.device_address.as_str(), n.network_id.as_str(), n.adapter_type.as_str()))
        .collect();
    assert_eq!(
        short,
        [
            ("pci:0:7", "network-6", "vmxnet3"),
            ("pci:0:8", "dvportgroup-12", "e1000"),
            ("pci:0:9", "network-o9", "vmxnet3"),
        ]
    );
    assert!(observed(&vm, &M::default(), false, &Connections::new()).is_empty());
}

#[test]
fn a_network_that_an_interface_does_not_tell_is_looked_up() {
    let by_name = Connection::Standard { network: None, name: "Storage".to_owned() };
    let mut card = device(AdapterType::Vmxnet3, 4000, "network-6", "00:50:56:00:00:01");
    ethernet_mut(&mut card).unwrap().base.backing = by_name.backing().map(Box::new);
    let vm = vm(vec![card], &[("Network", "network-6"), ("Network", "network-7")]);
    let ids: Vec<_> = unclear(&vm).into_iter().map(|(_, id)| id).collect();
    assert_eq!(ids, ["network-6", "network-7"]);
    assert_eq!(observed(&vm, &M::default(), true, &connections())[0].network_id.as_str(), "network-7");
    // A deleted network is a difference.
    assert_eq!(observed(&vm, &M::default(), true, &Connections::new())[0].network_id.as_str(), "");
}

#[test]
fn wrong_blocks_are_refused_with_their_paths() {
    let with = |change: fn(&mut NicModel)| {
        let mut nic = block("network-6");
        change(&mut nic);
        let config = machine_of(vec![block("network-6"), nic]);
        validate(&config).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
    };
    let at = |name: &str| vec![format!("network_interface[1].{name}")];
    assert!(with(|_| {}).is_empty());
    assert!(with(|n| n.network_id = Value::Unknown).is_empty());
    assert!(with(|n| n.network_id = "HaNetwork-VM Network".into()).is_empty());
    for id in ["datastore-14", "dvs-21", "/dc/network/x", "", "group-n7"] {
        let mut nic = block(id);
        nic.network_id = id.into();
        assert_eq!(validate(&machine_of(vec![nic])).0.len(), 1, "{id}");
    }
    assert_eq!(with(|n| n.use_static_mac = true.into()), at("mac_address"));
    assert!(
        with(|n| {
            n.use_static_mac = true.into();
            n.mac_address = Value::Unknown;
        })
        .is_empty()
    );
    for (mac, good) in [
        ("00:50:56:01:02:03", true),
        ("00-50-56-01-02-0F", true),
        ("00:50:56:01:02", false),
        ("00:50:56:01:02:0g", false),
        ("0:50:56:01:02:03", false),
        ("01:50:56:01:02:03", false),
        ("ff:ff:ff:ff:ff:ff", false),
        ("00:00:00:00:00:00", false),
        ("005056010203", false),
    ] {
        let nic = NicModel { use_static_mac: true.into(), mac_address: mac.into(), ..block("network-6") };
        assert_eq!(validate(&machine_of(vec![nic])).is_empty(), good, "{mac}");
    }
    assert_eq!(
        with(|n| {
            n.bandwidth_limit = Value::Known(10);
            n.bandwidth_reservation = Value::Known(11);
        }),
        at("bandwidth_reservation")
    );
    assert_eq!(with(|n| n.bandwidth_share_level = "custom".into()), at("bandwidth_share_count"));
    assert_eq!(with(|n| n.physical_function = "0000:3b:00.0".into()), at("physical_function"));
    let twice = NicModel {
        use_static_mac: true.into(),
        mac_address: "00:50:56:01:02:aa".into(),
        ..block("network-6")
    };
    let again = NicModel { mac_address: "00:50:56:01:02:AA".into(), ..twice.clone() };
    assert_eq!(
        validate(&machine_of(vec![twice, again])).0[0].at.to_string(),
        "network_interface[1].mac_address"
    );
    let called = |name: &str| NicModel { name: name.into(), ..block("network-6") };
    assert!(validate(&machine_of(vec![called("eth0"), called(""), called(""), called("eth1")])).is_empty());
    assert_eq!(
        validate(&machine_of(vec![called("eth0"), called("eth0")])).0[0].at.to_string(),
        "network_interface[1].name"
    );
    for (name, good) in
        [("eth0", true), ("net_0.1-a", true), (" eth0", false), ("eth 0", false), ("\n", false)]
    {
        let config = machine_of(vec![block("network-6"), called(name)]).write();
        let found = tf_framework::validate::config(&M::block(), &config);
        let at = found.0.iter().any(|d| d.at.to_string() == "network_interface[1].name");
        assert_eq!(at, !good, "{name:?} {found}");
    }
}

#[test]
fn a_machine_without_blocks_has_an_interface_on_the_default_network() {
    let by_default = M { default_network_id: "network-7".into(), ..M::default() };
    let nics = with_default(&by_default).network_interface.get();
    assert_eq!(nics.len(), 1);
    assert_eq!((nics[0].network_id.as_str(), nics[0].adapter_type.as_str()), ("network-7", "vmxnet3"));
    assert_eq!(declared(&by_default), Some(1));
    let own = M { default_network_id: "network-7".into(), ..machine_of(vec![block("network-6"); 2]) };
    assert_eq!(with_default(&own), own);
    assert_eq!(declared(&own), Some(2));
    assert_eq!((declared(&M::default()), with_default(&M::default())), (None, M::default()));
    // An empty ID is none, and one that is not known may be empty.
    let empty = M { default_network_id: "".into(), ..M::default() };
    assert_eq!((declared(&empty), with_default(&empty)), (None, empty.clone()));
    assert!(validate(&empty).is_empty());
    assert_eq!(declared(&M { default_network_id: Value::Unknown, ..M::default() }), None);
    let unknown = M { network_interface: Value::Unknown, ..by_default };
    assert_eq!(declared(&unknown), None);
    let wrong = M { default_network_id: "/dc1/network/VM Network".into(), ..M::default() };
    assert_eq!(validate(&wrong).0[0].at.to_string(), "default_network_id");
}

#[test]
fn sriov_needs_a_function_and_reserved_memory_and_no_share_of_bandwidth() {
    let sriov = NicModel {
        adapter_type: "sriov".into(),
        physical_function: "0000:3b:00.0".into(),
        ..block("network-6")
    };
    let with = |nic: NicModel, reserved: i64| {
        let config = M {
            memory: Value::Known(2048),
            memory_reservation: Value::Known(reserved),
            ..machine_of(vec![nic])
        };
        validate(&config).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
    };
    assert!(with(sriov.clone(), 2048).is_empty());
    assert_eq!(with(sriov.clone(), 1024), ["network_interface[0].adapter_type"]);
    let bare = NicModel { physical_function: Value::Null, ..sriov.clone() };
    assert_eq!(with(bare, 2048), ["network_interface[0].physical_function"]);
    let limited = NicModel { bandwidth_limit: Value::Known(5), bandwidth_share_level: "low".into(), ..sriov };
    assert_eq!(
        with(limited, 2048),
        ["network_interface[0].bandwidth_limit", "network_interface[0].bandwidth_share_level"]
    );
}
