use super::*;
use vsphere_client::vim::types::{
    ClusterDasAdmissionControlPolicyKind as Policy, ClusterDasConfigInfo, ClusterDasVmSettings,
    ClusterFailoverResourcesAdmissionControlPolicy,
};

const VERSION: ApiVersion = ApiVersion::new([8, 0, 0, 0]);

fn defaults() -> M {
    let mut m = M::default();
    m.set_defaults(&M::block());
    m
}

/// What is there after a spec: the fields that it sets, as `ReconfigureComputeResource_Task` does with `modify = true`.
fn after(mut now: ClusterConfigInfoEx, spec: ClusterConfigSpecEx) -> ClusterConfigInfoEx {
    fn put<T>(to: &mut Option<T>, value: Option<T>) {
        if value.is_some() {
            *to = value;
        }
    }
    if let Some(das) = spec.das_config {
        let to = &mut now.das_config;
        put(&mut to.enabled, das.enabled);
        put(&mut to.vm_monitoring, das.vm_monitoring);
        put(&mut to.host_monitoring, das.host_monitoring);
        put(&mut to.vm_component_protecting, das.vm_component_protecting);
        put(&mut to.admission_control_enabled, das.admission_control_enabled);
        put(&mut to.admission_control_policy, das.admission_control_policy);
        put(&mut to.default_vm_settings, das.default_vm_settings);
        put(&mut to.h_b_datastore_candidate_policy, das.h_b_datastore_candidate_policy);
        if !das.option.is_empty() {
            to.option = das.option;
        }
        if !das.heartbeat_datastore.is_empty() {
            to.heartbeat_datastore = das.heartbeat_datastore;
        }
    }
    if let Some(drs) = spec.drs_config {
        let to = &mut now.drs_config;
        put(&mut to.enabled, drs.enabled);
        put(&mut to.enable_vm_behavior_overrides, drs.enable_vm_behavior_overrides);
        put(&mut to.default_vm_behavior, drs.default_vm_behavior);
        put(&mut to.vmotion_rate, drs.vmotion_rate);
        put(&mut to.scale_descendants_shares, drs.scale_descendants_shares);
        if !drs.option.is_empty() {
            to.option = drs.option;
        }
    }
    if let Some(dpm) = spec.dpm_config {
        let to = now.dpm_config_info.get_or_insert_default();
        put(&mut to.enabled, dpm.enabled);
        put(&mut to.default_dpm_behavior, dpm.default_dpm_behavior);
        put(&mut to.host_power_action_rate, dpm.host_power_action_rate);
    }
    put(&mut now.orchestration, spec.orchestration);
    put(&mut now.infra_update_ha_config, spec.infra_update_ha_config);
    put(&mut now.proactive_drs_config, spec.proactive_drs_config);
    now
}

fn observed(m: M, config: &ClusterConfigInfoEx) -> M {
    M {
        drs: m.drs.observed(config),
        ha: m.ha.observed(config),
        proactive_ha: m.proactive_ha.observed(config),
        ..m
    }
}

/// A cluster in which every setting is another one than its default.
fn all() -> M {
    let mut m = defaults();
    m.drs = Drs {
        drs_enabled: true.into(),
        drs_automation_level: "fullyAutomated".into(),
        drs_migration_threshold: 4.into(),
        drs_enable_vm_overrides: false.into(),
        drs_enable_predictive_drs: true.into(),
        drs_scale_descendants_shares: "scaleCpuAndMemoryShares".into(),
        drs_advanced_options: std::collections::BTreeMap::from([("a".to_owned(), "1".to_owned())]).into(),
        dpm_enabled: true.into(),
        dpm_automation_level: "automated".into(),
        dpm_threshold: 5.into(),
    };
    m.ha.ha_enabled = true.into();
    m.ha.ha_host_monitoring = "disabled".into();
    m.ha.ha_vm_restart_priority = "high".into();
    m.ha.ha_vm_dependency_restart_condition = "poweredOn".into();
    m.ha.ha_vm_restart_additional_delay = 10.into();
    m.ha.ha_vm_restart_timeout = 300.into();
    m.ha.ha_host_isolation_response = "shutdown".into();
    m.ha.ha_vm_component_protection = "disabled".into();
    m.ha.ha_datastore_pdl_response = "warning".into();
    m.ha.ha_datastore_apd_response = "restartConservative".into();
    m.ha.ha_datastore_apd_recovery_action = "reset".into();
    m.ha.ha_datastore_apd_response_delay = 200.into();
    m.ha.ha_vm_monitoring = "vmMonitoringOnly".into();
    m.ha.ha_vm_failure_interval = 60.into();
    m.ha.ha_vm_minimum_uptime = 200.into();
    m.ha.ha_vm_maximum_resets = 5.into();
    m.ha.ha_vm_maximum_failure_window = 3600.into();
    m.ha.ha_admission_control_resource_percentage_auto_compute = false.into();
    m.ha.ha_admission_control_resource_percentage_cpu = 33.into();
    m.ha.ha_admission_control_resource_percentage_memory = 34.into();
    m.ha.ha_admission_control_performance_tolerance = 90.into();
    m.ha.ha_admission_control_host_failure_tolerance = 2.into();
    m.ha.ha_heartbeat_datastore_policy = "userSelectedDs".into();
    m.ha.ha_heartbeat_datastore_ids = BTreeSet::from(["datastore-1".to_owned()]).into();
    m.ha.ha_advanced_options =
        std::collections::BTreeMap::from([("das.x".to_owned(), "true".to_owned())]).into();
    m.proactive_ha = ProactiveHa {
        proactive_ha_enabled: true.into(),
        proactive_ha_automation_level: "Automated".into(),
        proactive_ha_moderate_remediation: "MaintenanceMode".into(),
        proactive_ha_severe_remediation: "MaintenanceMode".into(),
        proactive_ha_provider_ids: BTreeSet::from(["p-1".to_owned()]).into(),
    };
    m
}

#[test]
fn what_is_planned_is_read_back() {
    let wanted = all();
    let new = ClusterConfigInfoEx::default();
    let created = after(new.clone(), spec(None, &wanted, &new, VERSION).unwrap());
    assert_eq!(observed(defaults(), &created), wanted);
    // And from one state to another.
    let changed = after(created.clone(), spec(Some(&wanted), &defaults(), &created, VERSION).unwrap());
    let back = observed(wanted.clone(), &changed);
    assert_eq!(back.drs.drs_automation_level, "manual".into());
    assert_eq!(back.ha.ha_datastore_apd_response, "disabled".into());
    assert_eq!(back.ha.ha_admission_control_host_failure_tolerance, 1.into());
    assert_eq!(spec(Some(&wanted), &wanted, &created, VERSION), None);
}

#[test]
fn every_policy_is_read_back() {
    let with = |change: &dyn Fn(&mut Ha)| {
        let mut m = defaults();
        change(&mut m.ha);
        m
    };
    let slots = with(&|ha| {
        ha.ha_admission_control_policy = "slotPolicy".into();
        ha.ha_admission_control_slot_policy_use_explicit_size = true.into();
        ha.ha_admission_control_slot_policy_explicit_cpu = 500.into();
        ha.ha_admission_control_slot_policy_explicit_memory = 1024.into();
    });
    let hosts = with(&|ha| {
        ha.ha_admission_control_policy = "failoverHosts".into();
        ha.ha_admission_control_failover_host_system_ids = BTreeSet::from(["host-1".to_owned()]).into();
    });
    let none = with(&|ha| ha.ha_admission_control_policy = "disabled".into());
    let mut now = ClusterConfigInfoEx::default();
    let mut prior = None;
    for wanted in [defaults(), slots, hosts, none, defaults()] {
        now = after(now.clone(), spec(prior.as_ref(), &wanted, &now, VERSION).unwrap());
        let seen = observed(wanted.clone(), &now);
        assert_eq!(seen.ha.ha_admission_control_policy, wanted.ha.ha_admission_control_policy);
        let again = spec(Some(&seen), &wanted, &now, VERSION);
        let again = again.and_then(|s| s.das_config).and_then(|d| d.admission_control_policy);
        assert_eq!(again, None, "{wanted:?}");
        prior = Some(wanted);
    }
}

/// A change sends what it changes; what other users have set since, and what this provider does not manage, stays.
#[test]
fn a_change_leaves_everything_else_alone() {
    let prior = all();
    let mut plan = prior.clone();
    plan.ha.ha_vm_restart_priority = "low".into();
    let policy = ClusterFailoverResourcesAdmissionControlPolicy {
        auto_compute_p_mem_failover_resources_percent: Some(false),
        ..Default::default()
    };
    let now = ClusterConfigInfoEx {
        das_config: ClusterDasConfigInfo {
            host_monitoring: Some("enabled".into()),
            admission_control_policy: Some(Box::new(policy.clone().into())),
            default_vm_settings: Some(Box::new(ClusterDasVmSettings {
                isolation_response: Some("powerOff".into()),
                ..Default::default()
            })),
            ..Default::default()
        },
        ..Default::default()
    };
    let sent = spec(Some(&prior), &plan, &now, VERSION).unwrap();
    assert!(
        sent.drs_config.is_none() && sent.infra_update_ha_config.is_none() && sent.orchestration.is_none()
    );
    let das = sent.das_config.unwrap();
    let settings = das.default_vm_settings.clone().unwrap();
    assert_eq!(settings.restart_priority.as_deref(), Some("low"));
    assert_eq!(settings.isolation_response.as_deref(), Some("powerOff"));
    assert_eq!(
        *das,
        ClusterDasConfigInfo { default_vm_settings: das.default_vm_settings.clone(), ..Default::default() }
    );
    // A policy is sent as a whole, with what is there.
    plan.ha.ha_admission_control_host_failure_tolerance = 3.into();
    let sent = spec(Some(&prior), &plan, &now, VERSION).unwrap().das_config.unwrap();
    match sent.admission_control_policy.as_deref() {
        Some(Policy::ClusterFailoverResourcesAdmissionControlPolicy(p)) => {
            assert_eq!(p.auto_compute_p_mem_failover_resources_percent, Some(false));
            assert_eq!(p.failover_level, Some(3));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn shares_are_not_scaled_before_7_0() {
    let sent = |version| {
        spec(None, &defaults(), &ClusterConfigInfoEx::default(), version).unwrap().drs_config.unwrap()
    };
    assert_eq!(sent(ApiVersion::new([6, 7, 0, 0])).scale_descendants_shares, None);
    assert_eq!(sent(VERSION).scale_descendants_shares.as_deref(), Some("disabled"));
}
