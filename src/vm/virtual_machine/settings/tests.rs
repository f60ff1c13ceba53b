use super::*;
use vsphere_client::vim::types::{VirtualHardware, VirtualMachineFlagInfo};

fn machine() -> VirtualMachineConfigInfo {
    VirtualMachineConfigInfo {
        version: "vmx-19".to_owned(),
        guest_id: "ubuntu64Guest".to_owned(),
        hardware: VirtualHardware {
            num_cpu: 2,
            memory_mb: 2048,
            num_cores_per_socket: Some(1),
            ..Default::default()
        },
        nested_hv_enabled: Some(true),
        flags: VirtualMachineFlagInfo { enable_logging: Some(true), ..Default::default() },
        ..Default::default()
    }
}

fn names(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(|c| c.name).collect()
}

#[test]
fn every_row_is_an_attribute() {
    let block = M::block();
    for row in TABLE {
        assert!(block.attribute(row.name).is_some(), "{}", row.name);
    }
}

#[test]
fn only_what_was_spoken_of_is_compared() {
    let plan = M { num_cpus: 4.into(), nested_hv_enabled: Value::Null, ..M::default() };
    let found = changes(&of_machine(&machine()), None, &plan);
    assert_eq!(names(&found), ["num_cpus"]);
}

#[test]
fn what_is_taken_out_of_the_configuration_goes_back() {
    let prior = M { nested_hv_enabled: true.into(), enable_logging: false.into(), ..M::default() };
    let found = changes(&of_machine(&machine()), Some(&prior), &M::default());
    assert_eq!(names(&found), ["nested_hv_enabled"]);
    let mut spec_ = VirtualMachineConfigSpec::default();
    spec(&found, false, ApiVersion::new([8, 0, 0, 0]), &mut spec_);
    assert_eq!(spec_.nested_hv_enabled, Some(false));
}

#[test]
fn a_number_of_shares_is_said_with_the_level_custom_alone() {
    let plan = |level: &str| M {
        cpu_share_level: level.into(),
        cpu_share_count: 3000.into(),
        memory_share_count: 9.into(),
        ..M::default()
    };
    assert_eq!(names(&changes(&Settings::new(), None, &plan("high"))), ["cpu_share_level"]);
    let custom = changes(&Settings::new(), None, &plan("custom"));
    assert_eq!(names(&custom), ["cpu_share_count", "cpu_share_level"]);
    let mut to = VirtualMachineConfigSpec::default();
    spec(&custom, true, ApiVersion::new([8, 0, 0, 0]), &mut to);
    let shares = to.cpu_allocation.unwrap().shares.unwrap();
    assert_eq!((shares.shares, shares.level.as_str()), (3000, "custom"));
}

#[test]
fn an_import_leaves_out_defaults() {
    let seen = observed(&machine(), true, M::default());
    assert_eq!(seen.num_cpus, 2.into());
    assert_eq!(seen.enable_logging, Value::Null);
    assert_eq!(seen.nested_hv_enabled, true.into());
    assert_eq!(seen.hardware_version, 19.into());
}

#[test]
fn a_read_keeps_silent_where_the_state_does() {
    let state = M { enable_logging: false.into(), num_cpus: 1.into(), ..M::default() };
    let seen = observed(&machine(), false, state);
    assert_eq!(seen.nested_hv_enabled, Value::Null);
    assert_eq!(seen.enable_logging, true.into());
    assert_eq!(seen.num_cpus, 2.into());
}

#[test]
fn clocks_of_old_servers_have_one_switch() {
    let plan = M { sync_time_with_host: true.into(), ..M::default() };
    for (version, allowed, periodic) in [([6, 7, 0, 0], None, Some(true)), ([7, 0, 1, 0], Some(true), None)] {
        let mut to = VirtualMachineConfigSpec::default();
        spec(&changes(&Settings::new(), None, &plan), true, ApiVersion::new(version), &mut to);
        let tools = to.tools.unwrap();
        assert_eq!((tools.sync_time_with_host_allowed, tools.sync_time_with_host), (allowed, periodic));
    }
}

#[test]
fn the_hardware_is_upgraded_by_a_call_of_its_own() {
    let plan = M { hardware_version: 19.into(), ..M::default() };
    let all = changes(&Settings::new(), None, &plan);
    let version = |is_new| {
        let mut to = VirtualMachineConfigSpec::default();
        spec(&all, is_new, ApiVersion::new([8, 0, 0, 0]), &mut to);
        to.version
    };
    assert_eq!((version(true), version(false)), (Some("vmx-19".to_owned()), None));
}

fn wrong(config: M) -> Vec<String> {
    validate(&config).0.into_iter().map(|d| d.at.to_string()).collect()
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    for (config, at) in [
        (M { cpu_share_level: "custom".into(), ..M::default() }, "cpu_share_level"),
        (M { cpu_reservation: 500.into(), cpu_limit: 400.into(), ..M::default() }, "cpu_reservation"),
        (M { memory_reservation: 2048.into(), ..M::default() }, "memory_reservation"),
        (M { num_cpus: 3.into(), num_cores_per_socket: 2.into(), ..M::default() }, "num_cores_per_socket"),
        (M { efi_secure_boot_enabled: true.into(), ..M::default() }, "efi_secure_boot_enabled"),
        (M { vbs_enabled: true.into(), firmware: "efi".into(), ..M::default() }, "vbs_enabled"),
        (M { latency_sensitivity: "high".into(), ..M::default() }, "latency_sensitivity"),
    ] {
        assert_eq!(wrong(config.clone()), [at], "{config:?}");
    }
    let unlimited = M { cpu_reservation: 500.into(), cpu_limit: (-1).into(), ..M::default() };
    assert_eq!(wrong(unlimited), [""; 0]);
    let unknown = M { firmware: Value::Unknown, efi_secure_boot_enabled: true.into(), ..M::default() };
    assert_eq!(wrong(unknown), [""; 0]);
}
