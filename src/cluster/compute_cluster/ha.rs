//! vSphere HA of a cluster.
use crate::common::sent::{changes, kept, kept_number, options, options_of, sent, sent_number};
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{Model, Value};
use vsphere_client::MoRef;
use vsphere_client::vim::types::{
    ClusterConfigInfoEx, ClusterConfigSpecEx, ClusterDasAdmissionControlPolicyKind as Policy,
    ClusterDasConfigInfo, ClusterDasVmSettings, ClusterFailoverHostAdmissionControlPolicy,
    ClusterFailoverLevelAdmissionControlPolicy, ClusterFailoverResourcesAdmissionControlPolicy,
    ClusterFixedSizeSlotPolicy, ClusterSlotPolicyKind, ClusterVmComponentProtectionSettings,
    ClusterVmToolsMonitoringSettings,
};

/// What the configuration sets of vSphere HA. Flattened into the model of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Ha {
    /// Whether to enable vSphere HA, which restarts virtual machines on other hosts after a host failure.
    #[tf(optional, default = false)]
    pub ha_enabled: Value<bool>,
    /// Whether vSphere HA responds to host failures: `enabled` or `disabled`. Disable host monitoring during network
    /// maintenance to avoid unwanted responses.
    #[tf(optional, default = "enabled", one_of("enabled", "disabled"))]
    pub ha_host_monitoring: Value<String>,
    /// The default restart priority for virtual machines after a host failure: `lowest`, `low`, `medium`, `high` or
    /// `highest`.
    #[tf(optional, default = "medium", one_of("lowest", "low", "medium", "high", "highest"))]
    pub ha_vm_restart_priority: Value<String>,
    /// The condition that the virtual machines of one restart priority must meet before vSphere HA restarts those of
    /// the next: `none` (resources are allocated), `poweredOn`, `guestHbStatusGreen` (VMware Tools heartbeats are
    /// detected) or `appHbStatusGreen` (application heartbeats are detected).
    #[tf(optional, default = "none", one_of("none", "poweredOn", "guestHbStatusGreen", "appHbStatusGreen"))]
    pub ha_vm_dependency_restart_condition: Value<String>,
    /// The number of seconds to wait after `ha_vm_dependency_restart_condition` is met before continuing with the next
    /// restart priority.
    #[tf(optional)]
    pub ha_vm_restart_additional_delay: Value<i64>,
    /// The maximum number of seconds to wait for `ha_vm_dependency_restart_condition` before continuing with the next
    /// restart priority.
    #[tf(optional, default = 600)]
    pub ha_vm_restart_timeout: Value<i64>,
    /// The action to take on the virtual machines of a host that is isolated from the other hosts of the cluster:
    /// `none` (leave powered on), `powerOff` or `shutdown` (shut down the guest).
    #[tf(optional, default = "none", one_of("none", "powerOff", "shutdown"))]
    pub ha_host_isolation_response: Value<String>,
    /// Whether VM Component Protection (VMCP) responds to the loss of access to datastores: `enabled` or `disabled`.
    #[tf(optional, default = "enabled", one_of("enabled", "disabled"))]
    pub ha_vm_component_protection: Value<String>,
    /// The action to take on virtual machines after a permanent device loss (PDL) on a datastore: `disabled`, `warning`
    /// (issue events) or `restartAggressive` (power off and restart).
    #[tf(optional, default = "disabled", one_of("disabled", "warning", "restartAggressive"))]
    pub ha_datastore_pdl_response: Value<String>,
    /// The action to take on virtual machines when all paths to a datastore are down (APD): `disabled`, `warning`
    /// (issue events), `restartConservative` (power off only if a restart on another host is certain to succeed) or
    /// `restartAggressive` (power off even if a restart might not succeed).
    #[tf(
        optional,
        default = "disabled",
        one_of("disabled", "warning", "restartConservative", "restartAggressive")
    )]
    pub ha_datastore_apd_response: Value<String>,
    /// The action to take on virtual machines if an APD condition clears after the APD timeout but before
    /// `ha_datastore_apd_response_delay` elapses: `none` or `reset`.
    #[tf(optional, default = "none", one_of("none", "reset"))]
    pub ha_datastore_apd_recovery_action: Value<String>,
    /// The number of seconds to wait after the APD timeout before taking the action in `ha_datastore_apd_response`.
    #[tf(optional, default = 180)]
    pub ha_datastore_apd_response_delay: Value<i64>,
    /// The type of virtual machine monitoring: `vmMonitoringDisabled`, `vmMonitoringOnly` (VMware Tools heartbeats) or
    /// `vmAndAppMonitoring` (application heartbeats as well).
    #[tf(
        optional,
        default = "vmMonitoringDisabled",
        one_of("vmMonitoringDisabled", "vmMonitoringOnly", "vmAndAppMonitoring")
    )]
    pub ha_vm_monitoring: Value<String>,
    /// The number of seconds without a heartbeat after which a virtual machine is considered failed.
    #[tf(optional, default = 30)]
    pub ha_vm_failure_interval: Value<i64>,
    /// The number of seconds to wait after power-on before monitoring a virtual machine.
    #[tf(optional, default = 120)]
    pub ha_vm_minimum_uptime: Value<i64>,
    /// The maximum number of times to reset a virtual machine within `ha_vm_maximum_failure_window`.
    #[tf(optional, default = 3)]
    pub ha_vm_maximum_resets: Value<i64>,
    /// The number of seconds in which `ha_vm_maximum_resets` applies. Set to `-1` for no window.
    #[tf(optional, default = -1)]
    pub ha_vm_maximum_failure_window: Value<i64>,
    /// The admission control policy, which defines how vSphere HA reserves failover capacity: `resourcePercentage` (a
    /// percentage of the cluster resources), `slotPolicy` (slots for powered-on virtual machines), `failoverHosts`
    /// (dedicated failover hosts) or `disabled`.
    #[tf(
        optional,
        default = "resourcePercentage",
        one_of("resourcePercentage", "slotPolicy", "failoverHosts", "disabled")
    )]
    pub ha_admission_control_policy: Value<String>,
    /// The number of host failures that the cluster tolerates.
    #[tf(optional, default = 1)]
    pub ha_admission_control_host_failure_tolerance: Value<i64>,
    /// The percentage of performance degradation that the virtual machines tolerate during a failure. Set to `0` for a
    /// warning on any degradation, or to `100` to disable the warning.
    #[tf(optional, default = 100, range(0, 100))]
    pub ha_admission_control_performance_tolerance: Value<i64>,
    /// Whether to calculate the reserved percentages from `ha_admission_control_host_failure_tolerance`. Used only if
    /// `ha_admission_control_policy` is `resourcePercentage`.
    #[tf(optional, default = true)]
    pub ha_admission_control_resource_percentage_auto_compute: Value<bool>,
    /// The percentage of CPU resources to reserve for failover. Used only if
    /// `ha_admission_control_resource_percentage_auto_compute` is `false`.
    #[tf(optional, default = 100, range(1, 100))]
    pub ha_admission_control_resource_percentage_cpu: Value<i64>,
    /// The percentage of memory resources to reserve for failover. Used only if
    /// `ha_admission_control_resource_percentage_auto_compute` is `false`.
    #[tf(optional, default = 100, range(1, 100))]
    pub ha_admission_control_resource_percentage_memory: Value<i64>,
    /// Whether to use a fixed slot size instead of one that is calculated from the powered-on virtual machines. Used
    /// only if `ha_admission_control_policy` is `slotPolicy`.
    #[tf(optional)]
    pub ha_admission_control_slot_policy_use_explicit_size: Value<bool>,
    /// The CPU slot size, in MHz. Used only if `ha_admission_control_slot_policy_use_explicit_size` is `true`.
    #[tf(optional, default = 32)]
    pub ha_admission_control_slot_policy_explicit_cpu: Value<i64>,
    /// The memory slot size, in MiB. Used only if `ha_admission_control_slot_policy_use_explicit_size` is `true`.
    #[tf(optional, default = 100)]
    pub ha_admission_control_slot_policy_explicit_memory: Value<i64>,
    /// The managed object IDs of the dedicated failover hosts. Used only if `ha_admission_control_policy` is
    /// `failoverHosts`.
    #[tf(optional)]
    pub ha_admission_control_failover_host_system_ids: Value<BTreeSet<String>>,
    /// The heartbeat datastore selection policy: `userSelectedDs` (only the datastores in
    /// `ha_heartbeat_datastore_ids`), `allFeasibleDs` (datastores that vSphere HA selects) or
    /// `allFeasibleDsWithUserPreference` (datastores that vSphere HA selects, with preference for those in
    /// `ha_heartbeat_datastore_ids`).
    #[tf(
        optional,
        default = "allFeasibleDsWithUserPreference",
        one_of("userSelectedDs", "allFeasibleDs", "allFeasibleDsWithUserPreference")
    )]
    pub ha_heartbeat_datastore_policy: Value<String>,
    /// The managed object IDs of the datastores to use for heartbeats. Used only if `ha_heartbeat_datastore_policy` is
    /// `userSelectedDs` or `allFeasibleDsWithUserPreference`.
    #[tf(optional)]
    pub ha_heartbeat_datastore_ids: Value<BTreeSet<String>>,
    /// The advanced options for vSphere HA, by name. If omitted, the options are not managed. If set, any other options
    /// are removed.
    #[tf(optional, computed)]
    pub ha_advanced_options: Value<BTreeMap<String, String>>,
}

const PERCENTAGE: &str = "resourcePercentage";
const SLOTS: &str = "slotPolicy";
const HOSTS: &str = "failoverHosts";
const DISABLED: &str = "disabled";

fn set<T>(to: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *to = value;
    }
}

fn number(v: &Value<i64>) -> i32 {
    i32::try_from(v.get()).unwrap_or_default()
}

fn references(ids: &BTreeSet<String>, ty: &str) -> Vec<MoRef> {
    ids.iter().map(|id| MoRef::new(ty, id.as_str())).collect()
}

fn ids(references: &[MoRef]) -> BTreeSet<String> {
    references.iter().map(|r| r.id.to_string()).collect()
}

impl Ha {
    /// Adds what a plan changes to a spec; `now` is what is there, for what this provider does not manage. Pure.
    pub fn add_to(&self, spec: &mut ClusterConfigSpecEx, prior: Option<&Self>, now: &ClusterConfigInfoEx) {
        let das = ClusterDasConfigInfo {
            enabled: sent(prior, self, |m| &m.ha_enabled),
            vm_monitoring: sent(prior, self, |m| &m.ha_vm_monitoring),
            host_monitoring: sent(prior, self, |m| &m.ha_host_monitoring),
            vm_component_protecting: sent(prior, self, |m| &m.ha_vm_component_protection),
            failover_level: None,
            admission_control_enabled: self
                .admission_changes(prior)
                .then(|| self.ha_admission_control_policy.as_str() != DISABLED),
            admission_control_policy: self
                .admission_changes(prior)
                .then(|| self.policy(now.das_config.admission_control_policy.as_deref()))
                .flatten()
                .map(Box::new),
            default_vm_settings: self.vm_settings(prior, now.das_config.default_vm_settings.as_deref()),
            option: options(prior, self, |m| &m.ha_advanced_options),
            heartbeat_datastore: sent(prior, self, |m| &m.ha_heartbeat_datastore_ids)
                .map(|ids| references(&ids, "Datastore"))
                .unwrap_or_default(),
            h_b_datastore_candidate_policy: sent(prior, self, |m| &m.ha_heartbeat_datastore_policy),
        };
        if das != ClusterDasConfigInfo::default() {
            spec.das_config = Some(Box::new(das));
        }
        let condition = sent(prior, self, |m| &m.ha_vm_dependency_restart_condition);
        let delay = sent_number(prior, self, |m| &m.ha_vm_restart_additional_delay);
        if condition.is_some() || delay.is_some() {
            let mut orchestration = now.orchestration.clone().unwrap_or_default();
            let readiness = orchestration.default_vm_readiness.get_or_insert_default();
            set(&mut readiness.ready_condition, condition);
            set(&mut readiness.post_ready_delay, delay);
            spec.orchestration = Some(orchestration);
        }
    }

    fn admission_changes(&self, prior: Option<&Self>) -> bool {
        changes(prior, self, |m| &m.ha_admission_control_policy)
            || changes(prior, self, |m| &m.ha_admission_control_host_failure_tolerance)
            || changes(prior, self, |m| &m.ha_admission_control_performance_tolerance)
            || changes(prior, self, |m| &m.ha_admission_control_resource_percentage_auto_compute)
            || changes(prior, self, |m| &m.ha_admission_control_resource_percentage_cpu)
            || changes(prior, self, |m| &m.ha_admission_control_resource_percentage_memory)
            || changes(prior, self, |m| &m.ha_admission_control_slot_policy_use_explicit_size)
            || changes(prior, self, |m| &m.ha_admission_control_slot_policy_explicit_cpu)
            || changes(prior, self, |m| &m.ha_admission_control_slot_policy_explicit_memory)
            || changes(prior, self, |m| &m.ha_admission_control_failover_host_system_ids)
    }

    /// The admission control policy, which vSphere takes as a whole: what this provider does not manage is as it is `now`.
    fn policy(&self, now: Option<&Policy>) -> Option<Policy> {
        let level = number(&self.ha_admission_control_host_failure_tolerance);
        let tolerated = Some(number(&self.ha_admission_control_performance_tolerance));
        match self.ha_admission_control_policy.as_str() {
            PERCENTAGE => {
                let mut policy = match now {
                    Some(Policy::ClusterFailoverResourcesAdmissionControlPolicy(now)) => (**now).clone(),
                    _ => ClusterFailoverResourcesAdmissionControlPolicy::default(),
                };
                policy.base.resource_reduction_to_tolerate_percent = tolerated;
                policy.cpu_failover_resources_percent =
                    number(&self.ha_admission_control_resource_percentage_cpu);
                policy.memory_failover_resources_percent =
                    number(&self.ha_admission_control_resource_percentage_memory);
                policy.failover_level = Some(level);
                policy.auto_compute_percentages =
                    Some(self.ha_admission_control_resource_percentage_auto_compute.get());
                Some(policy.into())
            }
            SLOTS => {
                let mut policy = match now {
                    Some(Policy::ClusterFailoverLevelAdmissionControlPolicy(now)) => (**now).clone(),
                    _ => ClusterFailoverLevelAdmissionControlPolicy::default(),
                };
                policy.base.resource_reduction_to_tolerate_percent = tolerated;
                policy.failover_level = level;
                policy.slot_policy =
                    self.ha_admission_control_slot_policy_use_explicit_size.get().then(|| {
                        let size = ClusterFixedSizeSlotPolicy {
                            cpu: number(&self.ha_admission_control_slot_policy_explicit_cpu),
                            memory: number(&self.ha_admission_control_slot_policy_explicit_memory),
                            ..Default::default()
                        };
                        Box::new(size.into())
                    });
                Some(policy.into())
            }
            HOSTS => {
                let mut policy = match now {
                    Some(Policy::ClusterFailoverHostAdmissionControlPolicy(now)) => (**now).clone(),
                    _ => ClusterFailoverHostAdmissionControlPolicy::default(),
                };
                policy.base.resource_reduction_to_tolerate_percent = tolerated;
                policy.failover_hosts =
                    references(&self.ha_admission_control_failover_host_system_ids.get(), "HostSystem");
                policy.failover_level = Some(level);
                Some(policy.into())
            }
            _ => None,
        }
    }

    /// The settings of virtual machines without an override: as they are `now`, with what the plan changes.
    fn vm_settings(
        &self,
        prior: Option<&Self>,
        now: Option<&ClusterDasVmSettings>,
    ) -> Option<Box<ClusterDasVmSettings>> {
        let monitoring = ClusterVmToolsMonitoringSettings {
            vm_monitoring: sent(prior, self, |m| &m.ha_vm_monitoring),
            failure_interval: sent_number(prior, self, |m| &m.ha_vm_failure_interval),
            min_up_time: sent_number(prior, self, |m| &m.ha_vm_minimum_uptime),
            max_failures: sent_number(prior, self, |m| &m.ha_vm_maximum_resets),
            max_failure_window: sent_number(prior, self, |m| &m.ha_vm_maximum_failure_window),
            ..Default::default()
        };
        let response = sent(prior, self, |m| &m.ha_datastore_apd_response);
        let protection = ClusterVmComponentProtectionSettings {
            // The response has no effect on hosts that do not time out.
            enable_apd_timeout_for_hosts: response.as_ref().filter(|r| *r != DISABLED).map(|_| true),
            vm_storage_protection_for_apd: response,
            vm_terminate_delay_for_apd_sec: sent_number(prior, self, |m| &m.ha_datastore_apd_response_delay),
            vm_reaction_on_apd_cleared: sent(prior, self, |m| &m.ha_datastore_apd_recovery_action),
            vm_storage_protection_for_pdl: sent(prior, self, |m| &m.ha_datastore_pdl_response),
        };
        let priority = sent(prior, self, |m| &m.ha_vm_restart_priority);
        let timeout = sent_number(prior, self, |m| &m.ha_vm_restart_timeout);
        let isolation = sent(prior, self, |m| &m.ha_host_isolation_response);
        if (priority.is_none() && timeout.is_none() && isolation.is_none())
            && monitoring == ClusterVmToolsMonitoringSettings::default()
            && protection == ClusterVmComponentProtectionSettings::default()
        {
            return None;
        }
        let mut settings = now.cloned().unwrap_or_default();
        set(&mut settings.restart_priority, priority);
        set(&mut settings.restart_priority_timeout, timeout);
        set(&mut settings.isolation_response, isolation);
        let there = settings.vm_tools_monitoring_settings.get_or_insert_default();
        set(&mut there.vm_monitoring, monitoring.vm_monitoring);
        set(&mut there.failure_interval, monitoring.failure_interval);
        set(&mut there.min_up_time, monitoring.min_up_time);
        set(&mut there.max_failures, monitoring.max_failures);
        set(&mut there.max_failure_window, monitoring.max_failure_window);
        let there = settings.vm_component_protection_settings.get_or_insert_default();
        set(&mut there.enable_apd_timeout_for_hosts, protection.enable_apd_timeout_for_hosts);
        set(&mut there.vm_storage_protection_for_apd, protection.vm_storage_protection_for_apd);
        set(&mut there.vm_terminate_delay_for_apd_sec, protection.vm_terminate_delay_for_apd_sec);
        set(&mut there.vm_reaction_on_apd_cleared, protection.vm_reaction_on_apd_cleared);
        set(&mut there.vm_storage_protection_for_pdl, protection.vm_storage_protection_for_pdl);
        Some(Box::new(settings))
    }

    /// As the server has it; what it leaves out is kept, and so is what does not count with the present policy. Pure.
    #[must_use]
    pub fn observed(self, config: &ClusterConfigInfoEx) -> Self {
        let das = &config.das_config;
        let vms = das.default_vm_settings.as_deref().cloned().unwrap_or_default();
        let monitoring = vms.vm_tools_monitoring_settings.as_deref().cloned().unwrap_or_default();
        let protection = vms.vm_component_protection_settings.as_deref().cloned().unwrap_or_default();
        let readiness = config.orchestration.as_ref().and_then(|o| o.default_vm_readiness.as_deref());
        let with_policy = self.with_policy(das);
        Self {
            ha_enabled: kept(das.enabled, with_policy.ha_enabled),
            ha_host_monitoring: kept(das.host_monitoring.clone(), with_policy.ha_host_monitoring),
            ha_vm_restart_priority: kept(vms.restart_priority, with_policy.ha_vm_restart_priority),
            ha_vm_dependency_restart_condition: kept(
                readiness.and_then(|r| r.ready_condition.clone()),
                with_policy.ha_vm_dependency_restart_condition,
            ),
            ha_vm_restart_additional_delay: kept_number(
                readiness.and_then(|r| r.post_ready_delay),
                with_policy.ha_vm_restart_additional_delay,
            ),
            ha_vm_restart_timeout: kept_number(
                vms.restart_priority_timeout,
                with_policy.ha_vm_restart_timeout,
            ),
            ha_host_isolation_response: kept(vms.isolation_response, with_policy.ha_host_isolation_response),
            ha_vm_component_protection: kept(
                das.vm_component_protecting.clone(),
                with_policy.ha_vm_component_protection,
            ),
            ha_datastore_pdl_response: kept(
                protection.vm_storage_protection_for_pdl,
                with_policy.ha_datastore_pdl_response,
            ),
            ha_datastore_apd_response: kept(
                protection.vm_storage_protection_for_apd,
                with_policy.ha_datastore_apd_response,
            ),
            ha_datastore_apd_recovery_action: kept(
                protection.vm_reaction_on_apd_cleared,
                with_policy.ha_datastore_apd_recovery_action,
            ),
            ha_datastore_apd_response_delay: kept_number(
                protection.vm_terminate_delay_for_apd_sec,
                with_policy.ha_datastore_apd_response_delay,
            ),
            ha_vm_monitoring: kept(das.vm_monitoring.clone(), with_policy.ha_vm_monitoring),
            ha_vm_failure_interval: kept_number(
                monitoring.failure_interval,
                with_policy.ha_vm_failure_interval,
            ),
            ha_vm_minimum_uptime: kept_number(monitoring.min_up_time, with_policy.ha_vm_minimum_uptime),
            ha_vm_maximum_resets: kept_number(monitoring.max_failures, with_policy.ha_vm_maximum_resets),
            ha_vm_maximum_failure_window: kept_number(
                monitoring.max_failure_window,
                with_policy.ha_vm_maximum_failure_window,
            ),
            ha_heartbeat_datastore_policy: kept(
                das.h_b_datastore_candidate_policy.clone(),
                with_policy.ha_heartbeat_datastore_policy,
            ),
            ha_heartbeat_datastore_ids: ids(&das.heartbeat_datastore).into(),
            ha_advanced_options: options_of(&das.option, with_policy.ha_advanced_options),
            ..with_policy
        }
    }

    fn with_policy(self, das: &ClusterDasConfigInfo) -> Self {
        if das.admission_control_enabled == Some(false) {
            return Self { ha_admission_control_policy: DISABLED.into(), ..self };
        }
        match das.admission_control_policy.as_deref() {
            Some(Policy::ClusterFailoverResourcesAdmissionControlPolicy(p)) => {
                // Computed percentages change with the hosts.
                let computed = p.auto_compute_percentages == Some(true);
                let percent = |n: i32| (!computed).then_some(n);
                Self {
                    ha_admission_control_policy: PERCENTAGE.into(),
                    ha_admission_control_resource_percentage_cpu: kept_number(
                        percent(p.cpu_failover_resources_percent),
                        self.ha_admission_control_resource_percentage_cpu,
                    ),
                    ha_admission_control_resource_percentage_memory: kept_number(
                        percent(p.memory_failover_resources_percent),
                        self.ha_admission_control_resource_percentage_memory,
                    ),
                    ha_admission_control_resource_percentage_auto_compute: kept(
                        p.auto_compute_percentages,
                        self.ha_admission_control_resource_percentage_auto_compute,
                    ),
                    ha_admission_control_host_failure_tolerance: kept_number(
                        p.failover_level,
                        self.ha_admission_control_host_failure_tolerance,
                    ),
                    ha_admission_control_performance_tolerance: kept_number(
                        p.base.resource_reduction_to_tolerate_percent,
                        self.ha_admission_control_performance_tolerance,
                    ),
                    ..self
                }
            }
            Some(Policy::ClusterFailoverLevelAdmissionControlPolicy(p)) => {
                let fixed = match p.slot_policy.as_deref() {
                    Some(ClusterSlotPolicyKind::ClusterFixedSizeSlotPolicy(size)) => Some(size),
                    _ => None,
                };
                Self {
                    ha_admission_control_policy: SLOTS.into(),
                    ha_admission_control_host_failure_tolerance: i64::from(p.failover_level).into(),
                    ha_admission_control_performance_tolerance: kept_number(
                        p.base.resource_reduction_to_tolerate_percent,
                        self.ha_admission_control_performance_tolerance,
                    ),
                    ha_admission_control_slot_policy_use_explicit_size: p.slot_policy.is_some().into(),
                    ha_admission_control_slot_policy_explicit_cpu: kept_number(
                        fixed.map(|f| f.cpu),
                        self.ha_admission_control_slot_policy_explicit_cpu,
                    ),
                    ha_admission_control_slot_policy_explicit_memory: kept_number(
                        fixed.map(|f| f.memory),
                        self.ha_admission_control_slot_policy_explicit_memory,
                    ),
                    ..self
                }
            }
            Some(Policy::ClusterFailoverHostAdmissionControlPolicy(p)) => Self {
                ha_admission_control_policy: HOSTS.into(),
                ha_admission_control_failover_host_system_ids: ids(&p.failover_hosts).into(),
                ha_admission_control_host_failure_tolerance: kept_number(
                    p.failover_level,
                    self.ha_admission_control_host_failure_tolerance,
                ),
                ha_admission_control_performance_tolerance: kept_number(
                    p.base.resource_reduction_to_tolerate_percent,
                    self.ha_admission_control_performance_tolerance,
                ),
                ..self
            },
            _ => self,
        }
    }

    /// Whether HA keeps hosts free, which then cannot leave the cluster. Pure.
    pub fn reserves_hosts(config: &ClusterConfigInfoEx) -> bool {
        let das = &config.das_config;
        let policy = das.admission_control_policy.as_deref();
        das.enabled == Some(true)
            && das.admission_control_enabled != Some(false)
            && matches!(policy, Some(Policy::ClusterFailoverHostAdmissionControlPolicy(_)))
    }
}
