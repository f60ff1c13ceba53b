use super::*;
use vsphere_client::device::HardwareVersion;
use vsphere_client::vim::types::{
    HostPciDevice, VirtualDeviceConfigSpecOperation as Operation, VirtualDeviceDeviceGroupInfo,
    VirtualHardware, VirtualMachineConfigInfo, VirtualMachinePciPassthroughInfo,
    VirtualMachinePciSharedGpuPassthroughInfo, VirtualMachineVendorDeviceGroupInfo,
    VirtualMachineVendorDeviceGroupInfoComponentDeviceInfo, VirtualMachineVirtualDeviceGroups,
    VirtualMachineVirtualDeviceGroupsDeviceGroup, VirtualMachineVirtualDeviceGroupsVendorDeviceGroup,
};

fn model(ids: &[&str], profiles: &[&str]) -> M {
    M {
        pci_device_id: ids.iter().map(|i| (*i).to_owned()).collect::<BTreeSet<_>>().into(),
        vgpu_profiles: profiles.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>().into(),
        host_system_id: "host-12".into(),
        memory: Value::Known(1024),
        memory_reservation: Value::Known(1024),
        ..Default::default()
    }
}

fn target() -> ConfigTarget {
    let device = |id: &str, device: i16| VirtualMachinePciPassthroughInfo {
        pci_device: HostPciDevice {
            id: id.to_owned(),
            device_id: device,
            vendor_id: 0x10de,
            vendor_name: "NVIDIA Corporation ".to_owned(),
            device_name: "Tesla T4".to_owned(),
            ..Default::default()
        },
        system_id: "system".to_owned(),
        ..Default::default()
    };
    let share =
        VirtualMachinePciSharedGpuPassthroughInfo { vgpu: "grid_t4-4q".to_owned(), ..Default::default() };
    ConfigTarget {
        pci_passthrough: vec![device("0000:3b:00.0", 0x1eb8).into(), device("0000:86:00.0", -0x7ff8).into()],
        shared_gpu_passthrough_types: vec![share],
        ..Default::default()
    }
}

fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[test]
fn devices_of_the_host_are_found_and_missing_ones_are_reported() {
    let found = find(&target(), "host-12", &list(&["0000:86:00.0"]), &list(&["grid_t4-4q"])).unwrap();
    let device = Passthrough::Device {
        id: "0000:86:00.0".to_owned(),
        device_id: "8008".to_owned(),
        system_id: "system".to_owned(),
        vendor_id: 0x10de,
    };
    assert_eq!(found, HostDevices::from([("0000:86:00.0".to_owned(), device)]));
    let problems = find(&target(), "host-12", &list(&["0000:3b:00.1"]), &list(&["grid_t4-8q"])).unwrap_err();
    let paths: Vec<_> = problems.0.iter().map(|d| d.at.to_string()).collect();
    assert_eq!(paths, ["pci_device_id", "vgpu_profiles[0]"]);
    assert!(problems.0[0].detail.contains("0000:86:00.0 (NVIDIA Corporation Tesla T4)"), "{problems}");
    assert!(problems.0[0].detail.contains("Did you mean \"0000:3b:00.0\""), "{problems}");
    let none = find(&ConfigTarget::default(), "host-12", &list(&["x"]), &[]).unwrap_err();
    assert!(none.0[0].detail.starts_with("It has no devices for virtual machines."), "{none}");
}

#[test]
fn devices_come_and_go_while_the_machine_is_off_and_only_ours() {
    let found = find(&target(), "h", &list(&["0000:3b:00.0", "0000:86:00.0"]), &[]).unwrap();
    let device = |id: &str, key: i32| found[id].device(key).unwrap();
    let foreign = Passthrough::SharedGraphics("grid_t4-4q".to_owned()).device(13005).unwrap();
    let machine = || {
        Assembly::of(Devices::new(vec![device("0000:3b:00.0", 13000), foreign.clone()]), HardwareVersion(19))
    };
    let prior = model(&["0000:3b:00.0"], &[]);
    let mut out = machine();
    assert_eq!(assemble(Some(&prior), &prior, &found, &mut out), Effects::default());
    assert!(out.is_empty());
    let after = model(&["0000:86:00.0"], &["grid_t4-4q", "grid_t4-4q"]);
    let mut out = machine();
    let effects = assemble(Some(&prior), &after, &found, &mut out);
    assert_eq!(effects.power_off.len(), 3);
    let (specs, _) = out.finish();
    let operations: Vec<_> = specs.iter().map(|s| s.operation.clone().unwrap()).collect();
    assert_eq!(operations, [Operation::Remove, Operation::Add, Operation::Add]);
    assert_eq!(key(&specs[0].device), 13000);
    let effects = plan(Some(&prior), &after);
    assert_eq!(effects.power_off.len(), 4, "one share more than it turns out: the other was unknown");
    assert_eq!(plan(None, &after), Effects::default());
    assert_eq!(plan(Some(&after), &after), Effects::default());
    // A copy keeps what its template has.
    let mut out = machine();
    assert_eq!(assemble(None, &model(&[], &[]), &found, &mut out), Effects::default());
    assert!(out.is_empty());
}

#[test]
fn the_state_says_what_is_there() {
    let found = find(&target(), "h", &list(&["0000:3b:00.0"]), &[]).unwrap();
    let share = |key| Passthrough::SharedGraphics("grid_t4-4q".to_owned()).device(key).unwrap();
    let mut config = VirtualMachineConfigInfo::default();
    config.hardware.device = vec![found["0000:3b:00.0"].device(13000).unwrap(), share(13001), share(13002)];
    let vm = VirtualMachine { config: Some(Box::new(config)), ..Default::default() };
    let state = model(&["0000:3b:00.0", "0000:ff:00.0"], &["grid_t4-4q"]);
    assert_eq!(observed_ids(&vm, &state, false).into_iter().collect::<Vec<_>>(), ["0000:3b:00.0"]);
    assert_eq!(observed_profiles(&vm, &state, false), ["grid_t4-4q"]);
    assert_eq!(observed_profiles(&vm, &M::default(), true), ["grid_t4-4q", "grid_t4-4q"]);
    assert!(observed_ids(&vm, &M::default(), false).is_empty());
}

#[test]
fn wrong_configurations_are_refused() {
    let paths = |m: M| validate(&m).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
    let good = || model(&["0000:3b:00.0"], &["grid_t4-4q"]);
    assert!(paths(good()).is_empty());
    assert_eq!(paths(M { host_system_id: Value::Null, ..good() }), ["pci_device_id"]);
    assert!(paths(M { host_system_id: Value::Unknown, ..good() }).is_empty());
    assert_eq!(paths(M { memory_reservation: Value::Null, ..good() }), ["pci_device_id", "vgpu_profiles"]);
    assert!(paths(M { memory_reservation: Value::Unknown, ..good() }).is_empty());
    assert!(
        paths(M { memory_reservation: Value::Null, memory_reservation_locked_to_max: true.into(), ..good() })
            .is_empty()
    );
    assert_eq!(paths(model(&[], &[""])), ["vgpu_profiles[0]"]);
}

/// A target that offers a group of two vGPUs, and a virtual machine that has such a group with the key 3.
fn group() -> (ConfigTarget, VirtualMachine) {
    let device = |key: i32, group: i32, sequence_id: i32| {
        let mut device = Passthrough::SharedGraphics("grid_t4-4q".to_owned()).device(key).unwrap();
        if let Some(base) = vsphere_client::device::device_mut(&mut device) {
            base.device_group_info =
                Some(Box::new(VirtualDeviceDeviceGroupInfo { group_instance_key: group, sequence_id }));
        }
        device
    };
    let component = |n: i32| VirtualMachineVendorDeviceGroupInfoComponentDeviceInfo {
        device: device(-n, 0, n),
        ..Default::default()
    };
    let info = VirtualMachineVendorDeviceGroupInfo {
        device_group_name: "pair".to_owned(),
        component_device_info: vec![component(1), component(2)],
        ..Default::default()
    };
    let target = ConfigTarget { vendor_device_group_info: vec![info], ..Default::default() };
    let has = VirtualMachineVirtualDeviceGroupsVendorDeviceGroup {
        base: VirtualMachineVirtualDeviceGroupsDeviceGroup { group_instance_key: 3, ..Default::default() },
        device_group_name: "pair".to_owned(),
    };
    let hardware =
        VirtualHardware { device: vec![device(13000, 3, 1), device(13001, 3, 2)], ..Default::default() };
    let config = VirtualMachineConfigInfo {
        hardware,
        device_groups: Some(Box::new(VirtualMachineVirtualDeviceGroups { device_group: vec![has.into()] })),
        ..Default::default()
    };
    (target, VirtualMachine { config: Some(Box::new(config)), ..Default::default() })
}

#[test]
fn a_group_comes_and_goes_with_its_devices() {
    let (target, vm) = group();
    let with = |names: &[&str]| M { device_groups: list(names).into(), ..model(&[], &[]) };
    let found = groups::find(&target, "the host", &list(&["pair"]), &[0]).unwrap();
    for (prior, plan, has, added, removed, left) in [
        (None, with(&["pair"]), false, 2, 0, Some(vec![-1])),
        (Some(with(&["pair"])), with(&["pair"]), true, 0, 0, None),
        (Some(with(&["pair"])), with(&["pair", "pair"]), true, 2, 0, Some(vec![3, -1])),
        (Some(with(&["pair"])), with(&[]), true, 0, 2, Some(vec![])),
        // One that the state does not have is left alone.
        (Some(with(&[])), with(&[]), true, 0, 0, None),
    ] {
        let there = has.then_some(&vm);
        let devices = there.map(VirtualMachine::devices).unwrap_or_default();
        let mut out = Assembly::of(devices, HardwareVersion(20));
        let (effects, sent) = groups::assemble(prior.as_ref(), &plan, there, &found, &mut out);
        let (changes, _) = out.finish();
        let of = |op: &Operation| changes.iter().filter(|c| c.operation.as_ref() == Some(op)).count();
        assert_eq!((of(&Operation::Add), of(&Operation::Remove)), (added, removed), "{plan:?}");
        let keys = sent.map(|s| {
            s.device_group.iter().filter_map(|g| Some(g.base()?.group_instance_key)).collect::<Vec<_>>()
        });
        assert_eq!(keys, left);
        assert_eq!(effects.power_off.is_empty(), added + removed == 0);
    }
    assert_eq!(groups::observed(&vm, &with(&["pair"]), false), ["pair"]);
    assert!(groups::observed(&vm, &with(&[]), false).is_empty());
    // Its devices are not vGPUs of their own.
    assert!(observed_profiles(&vm, &model(&[], &["grid_t4-4q"]), true).is_empty());
    let missing = groups::find(&target, "the host", &list(&["pairs"]), &[0]).unwrap_err();
    assert_eq!(missing.0[0].at.to_string(), "device_groups[0]");
    assert!(missing.to_string().contains("It has: pair."), "{missing}");
}
