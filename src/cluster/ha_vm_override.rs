//! `vsphere_ha_vm_override`
use crate::cluster::common::overrides::{IMPORT, OverrideHead};
use crate::common::cluster_config::overrides::{Override, OverrideModel};
use tf_framework::{Model, Value};
use vsphere_client::MoRef;
use vsphere_client::cluster::{Change, Cluster, Update};
use vsphere_client::vim::types::{
    ClusterDasVmConfigInfo, ClusterDasVmSettings, ClusterVmComponentProtectionSettings,
    ClusterVmOrchestrationInfo, ClusterVmReadiness, ClusterVmToolsMonitoringSettings,
};

/// Manages a vSphere HA override, which gives a virtual machine vSphere HA settings that differ from those of its
/// cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_ha_vm_override", category = "Host and Cluster Management")]
pub struct HaVmOverrideModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: OverrideHead,
    /// The restart priority for the virtual machine after a host failure: `lowest`, `low`, `medium`, `high`, `highest`,
    /// `disabled` (no restart) or `clusterRestartPriority` (the cluster setting).
    #[tf(
        optional,
        default = "clusterRestartPriority",
        one_of("clusterRestartPriority", "lowest", "low", "medium", "high", "highest", "disabled")
    )]
    pub ha_vm_restart_priority: Value<String>,
    /// The maximum number of seconds that vSphere HA waits for the virtual machine to be ready before continuing with
    /// the next restart priority. Set to `-1` for the cluster setting.
    #[tf(optional, default = -1, range(-1, i64::from(i32::MAX)))]
    pub ha_vm_restart_timeout: Value<i64>,
    /// The action to take on the virtual machine if its host is isolated from the other hosts of the cluster: `none`
    /// (leave powered on), `powerOff`, `shutdown` (shut down the guest) or `clusterIsolationResponse` (the cluster
    /// setting).
    #[tf(
        optional,
        default = "clusterIsolationResponse",
        one_of("clusterIsolationResponse", "none", "powerOff", "shutdown")
    )]
    pub ha_host_isolation_response: Value<String>,
    /// The action to take on the virtual machine after a permanent device loss (PDL) on a datastore: `disabled`,
    /// `warning` (issue events), `restartAggressive` (power off and restart) or `clusterDefault` (the cluster setting).
    #[tf(
        optional,
        default = "clusterDefault",
        one_of("clusterDefault", "disabled", "warning", "restartAggressive")
    )]
    pub ha_datastore_pdl_response: Value<String>,
    /// The action to take on the virtual machine when all paths to a datastore are down (APD): `disabled`, `warning`
    /// (issue events), `restartConservative` (power off only if a restart on another host is certain to succeed),
    /// `restartAggressive` (power off even if a restart might not succeed) or `clusterDefault` (the cluster setting).
    #[tf(
        optional,
        default = "clusterDefault",
        one_of("clusterDefault", "disabled", "warning", "restartConservative", "restartAggressive")
    )]
    pub ha_datastore_apd_response: Value<String>,
    /// The action to take on the virtual machine if an APD condition clears after the APD timeout but before
    /// `ha_datastore_apd_response_delay` elapses: `none`, `reset` or `useClusterDefault` (the cluster setting).
    #[tf(optional, default = "useClusterDefault", one_of("useClusterDefault", "none", "reset"))]
    pub ha_datastore_apd_recovery_action: Value<String>,
    /// The number of seconds to wait after the APD timeout before taking the action in `ha_datastore_apd_response`. Set
    /// to `-1` for the cluster setting.
    #[tf(optional, default = -1, range(-1, i64::from(i32::MAX)))]
    pub ha_datastore_apd_response_delay: Value<i64>,
    /// Whether to use the monitoring settings of the cluster. If `true`, `ha_vm_monitoring`, `ha_vm_failure_interval`,
    /// `ha_vm_minimum_uptime`, `ha_vm_maximum_resets` and `ha_vm_maximum_failure_window` have no effect.
    #[tf(optional, default = true)]
    pub ha_vm_monitoring_use_cluster_defaults: Value<bool>,
    /// The type of monitoring for the virtual machine: `vmMonitoringDisabled`, `vmMonitoringOnly` (VMware Tools
    /// heartbeats) or `vmAndAppMonitoring` (application heartbeats as well).
    #[tf(
        optional,
        default = "vmMonitoringDisabled",
        one_of("vmMonitoringDisabled", "vmMonitoringOnly", "vmAndAppMonitoring")
    )]
    pub ha_vm_monitoring: Value<String>,
    /// The number of seconds without a heartbeat after which the virtual machine is considered failed.
    #[tf(optional, default = 30, range(0, i64::from(i32::MAX)))]
    pub ha_vm_failure_interval: Value<i64>,
    /// The number of seconds to wait after power-on before monitoring the virtual machine.
    #[tf(optional, default = 120, range(0, i64::from(i32::MAX)))]
    pub ha_vm_minimum_uptime: Value<i64>,
    /// The maximum number of times to reset the virtual machine within `ha_vm_maximum_failure_window`.
    #[tf(optional, default = 3, range(0, i64::from(i32::MAX)))]
    pub ha_vm_maximum_resets: Value<i64>,
    /// The number of seconds in which `ha_vm_maximum_resets` applies. Set to `-1` for no window.
    #[tf(optional, default = -1, range(-1, i64::from(i32::MAX)))]
    pub ha_vm_maximum_failure_window: Value<i64>,
    /// The condition that the virtual machine must meet before vSphere HA restarts virtual machines that come after it:
    /// `none` (resources are allocated), `poweredOn`, `guestHbStatusGreen` (VMware Tools heartbeats are detected),
    /// `appHbStatusGreen` (application heartbeats are detected) or `useClusterDefault` (the cluster setting). If not
    /// set, the condition is not managed.
    #[tf(
        optional,
        one_of("useClusterDefault", "none", "poweredOn", "guestHbStatusGreen", "appHbStatusGreen")
    )]
    pub ha_vm_ready_condition: Value<String>,
    /// The number of seconds to wait after `ha_vm_ready_condition` is met before the virtual machine is considered
    /// ready. Set to `-1` for the cluster setting. If not set, the delay is not managed.
    #[tf(optional, range(-1, i64::from(i32::MAX)))]
    pub ha_vm_post_ready_delay: Value<i64>,
}

/// The resource.
pub type HaVmOverride = Override<HaVmOverrideModel>;

fn text(v: &Value<String>) -> Option<String> {
    v.known().cloned()
}

/// For a ready condition and a delay: as the cluster says.
const CLUSTER_CONDITION: &str = "useClusterDefault";
const CLUSTER_DELAY: i32 = -1;

fn readiness_of<'a>(cluster: &'a Cluster, vm: &MoRef) -> Option<&'a ClusterVmReadiness> {
    cluster.readiness_overrides.iter().find(|o| o.vm == *vm).map(|o| &o.vm_readiness)
}

/// The change of when a virtual machine is ready. What is not managed any more is as the cluster says; what never was
/// managed stays. Pure.
fn readiness_change(
    prior: Option<&HaVmOverrideModel>,
    plan: Option<&HaVmOverrideModel>,
    now: Option<&ClusterVmReadiness>,
    vm: &MoRef,
) -> Option<Update<ClusterVmOrchestrationInfo, MoRef>> {
    let condition = |m: Option<&HaVmOverrideModel>| m.and_then(|m| text(&m.ha_vm_ready_condition));
    let delay = |m: Option<&HaVmOverrideModel>| m.and_then(|m| number(&m.ha_vm_post_ready_delay));
    let asked_condition = condition(plan).or_else(|| condition(prior).map(|_| CLUSTER_CONDITION.to_owned()));
    let asked_delay = delay(plan).or_else(|| delay(prior).map(|_| CLUSTER_DELAY));
    let before = now.cloned().unwrap_or_default();
    let wanted = ClusterVmReadiness {
        ready_condition: asked_condition.or_else(|| before.ready_condition.clone()),
        post_ready_delay: asked_delay.or(before.post_ready_delay),
    };
    if wanted == before {
        return None;
    }
    let as_cluster = wanted.ready_condition.as_deref().is_none_or(|c| c == CLUSTER_CONDITION)
        && wanted.post_ready_delay.is_none_or(|d| d == CLUSTER_DELAY);
    let info = ClusterVmOrchestrationInfo { vm: vm.clone(), vm_readiness: wanted };
    match (now, as_cluster) {
        (None, true) => None,
        (Some(_), true) => Some(Update::Remove(vm.clone())),
        (None, false) => Some(Update::Add(info)),
        (Some(_), false) => Some(Update::Edit(info)),
    }
}

fn number(v: &Value<i64>) -> Option<i32> {
    v.known().and_then(|n| i32::try_from(*n).ok())
}

impl OverrideModel for HaVmOverrideModel {
    type Owner = Cluster;
    const IMPORT: &'static str = IMPORT;
    const NOUN: &'static str = "HA override";
    type Info = ClusterDasVmConfigInfo;

    fn owner(&self) -> &Value<String> {
        &self.head.compute_cluster_id
    }

    fn machine(&self) -> &Value<String> {
        &self.head.virtual_machine_id
    }

    fn ids(&mut self) -> [&mut Value<String>; 3] {
        self.head.ids()
    }

    fn all(cluster: &Cluster) -> &[Self::Info] {
        &cluster.ha_overrides
    }

    fn key(info: &Self::Info) -> Option<&MoRef> {
        Some(&info.key)
    }

    fn wanted(&self, key: MoRef, _: Option<&Self::Info>) -> Self::Info {
        let monitoring = ClusterVmToolsMonitoringSettings {
            cluster_settings: self.ha_vm_monitoring_use_cluster_defaults.known().copied(),
            vm_monitoring: text(&self.ha_vm_monitoring),
            failure_interval: number(&self.ha_vm_failure_interval),
            min_up_time: number(&self.ha_vm_minimum_uptime),
            max_failures: number(&self.ha_vm_maximum_resets),
            max_failure_window: number(&self.ha_vm_maximum_failure_window),
            ..Default::default()
        };
        let protection = ClusterVmComponentProtectionSettings {
            vm_storage_protection_for_apd: text(&self.ha_datastore_apd_response),
            vm_terminate_delay_for_apd_sec: number(&self.ha_datastore_apd_response_delay),
            vm_reaction_on_apd_cleared: text(&self.ha_datastore_apd_recovery_action),
            vm_storage_protection_for_pdl: text(&self.ha_datastore_pdl_response),
            ..Default::default()
        };
        let settings = ClusterDasVmSettings {
            restart_priority: text(&self.ha_vm_restart_priority),
            restart_priority_timeout: number(&self.ha_vm_restart_timeout),
            isolation_response: text(&self.ha_host_isolation_response),
            vm_tools_monitoring_settings: Some(Box::new(monitoring)),
            vm_component_protection_settings: Some(Box::new(protection)),
        };
        ClusterDasVmConfigInfo { key, das_settings: Some(Box::new(settings)), ..Default::default() }
    }

    fn change(update: Update<Self::Info, MoRef>) -> Change {
        Change::Ha(update)
    }

    fn observed(self, info: &Self::Info) -> Self {
        // What vSphere leaves out is as the cluster says: the defaults.
        let settings = info.das_settings.as_deref().cloned().unwrap_or_default();
        let monitoring = settings.vm_tools_monitoring_settings.as_deref().cloned().unwrap_or_default();
        let protection = settings.vm_component_protection_settings.as_deref().cloned().unwrap_or_default();
        let text = |v: Option<String>, default: &str| v.unwrap_or_else(|| default.to_owned()).into();
        let number = |v: Option<i32>, default: i64| v.map_or(default, i64::from).into();
        Self {
            head: self.head,
            ha_vm_restart_priority: text(settings.restart_priority, "clusterRestartPriority"),
            ha_vm_restart_timeout: number(settings.restart_priority_timeout, -1),
            ha_host_isolation_response: text(settings.isolation_response, "clusterIsolationResponse"),
            ha_datastore_pdl_response: text(protection.vm_storage_protection_for_pdl, "clusterDefault"),
            ha_datastore_apd_response: text(protection.vm_storage_protection_for_apd, "clusterDefault"),
            ha_datastore_apd_recovery_action: text(
                protection.vm_reaction_on_apd_cleared,
                "useClusterDefault",
            ),
            ha_datastore_apd_response_delay: number(protection.vm_terminate_delay_for_apd_sec, -1),
            ha_vm_monitoring_use_cluster_defaults: monitoring.cluster_settings.unwrap_or(true).into(),
            ha_vm_monitoring: text(monitoring.vm_monitoring, "vmMonitoringDisabled"),
            ha_vm_failure_interval: number(monitoring.failure_interval, 30),
            ha_vm_minimum_uptime: number(monitoring.min_up_time, 120),
            ha_vm_maximum_resets: number(monitoring.max_failures, 3),
            ha_vm_maximum_failure_window: number(monitoring.max_failure_window, -1),
            ha_vm_ready_condition: self.ha_vm_ready_condition,
            ha_vm_post_ready_delay: self.ha_vm_post_ready_delay,
        }
    }

    fn beside(prior: Option<&Self>, plan: Option<&Self>, cluster: &Cluster, vm: &MoRef) -> Vec<Change> {
        let update = readiness_change(prior, plan, readiness_of(cluster, vm), vm);
        update.map(Change::Readiness).into_iter().collect()
    }

    fn observed_beside(mut self, cluster: &Cluster, vm: &MoRef) -> Self {
        let as_cluster = ClusterVmReadiness {
            ready_condition: Some(CLUSTER_CONDITION.to_owned()),
            post_ready_delay: Some(CLUSTER_DELAY),
        };
        // Of one that is there, what vSphere leaves out is kept; what is not managed is not looked at.
        let seen = readiness_of(cluster, vm).unwrap_or(&as_cluster);
        if let (Some(_), Some(condition)) = (self.ha_vm_ready_condition.known(), &seen.ready_condition) {
            self.ha_vm_ready_condition = condition.clone().into();
        }
        if let (Some(_), Some(delay)) = (self.ha_vm_post_ready_delay.known(), seen.post_ready_delay) {
            self.ha_vm_post_ready_delay = i64::from(delay).into();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_seen_again() {
        let asked = HaVmOverrideModel {
            head: OverrideHead::default(),
            ha_vm_restart_priority: "highest".into(),
            ha_vm_restart_timeout: 300.into(),
            ha_host_isolation_response: "powerOff".into(),
            ha_datastore_pdl_response: "warning".into(),
            ha_datastore_apd_response: "restartConservative".into(),
            ha_datastore_apd_recovery_action: "reset".into(),
            ha_datastore_apd_response_delay: 180.into(),
            ha_vm_monitoring_use_cluster_defaults: false.into(),
            ha_vm_monitoring: "vmMonitoringOnly".into(),
            ha_vm_failure_interval: 45.into(),
            ha_vm_minimum_uptime: 90.into(),
            ha_vm_maximum_resets: 5.into(),
            ha_vm_maximum_failure_window: 3600.into(),
            ..HaVmOverrideModel::default()
        };
        let info = asked.wanted(MoRef::new("VirtualMachine", "vm-1"), None);
        assert_eq!(HaVmOverrideModel::default().observed(&info), asked);
    }

    fn ready(condition: Option<&str>, delay: Option<i64>) -> HaVmOverrideModel {
        HaVmOverrideModel {
            ha_vm_ready_condition: condition.map(str::to_owned).into(),
            ha_vm_post_ready_delay: delay.into(),
            ..HaVmOverrideModel::default()
        }
    }

    fn readiness(condition: Option<&str>, delay: Option<i32>) -> ClusterVmReadiness {
        ClusterVmReadiness { ready_condition: condition.map(str::to_owned), post_ready_delay: delay }
    }

    #[test]
    fn readiness_changes_as_little_as_is_needed() {
        let vm = MoRef::new("VirtualMachine", "vm-1");
        let info = |vm_readiness| ClusterVmOrchestrationInfo { vm: vm.clone(), vm_readiness };
        let (absent, on) = (ready(None, None), ready(Some("poweredOn"), None));
        let both = ready(Some("poweredOn"), Some(30));
        let there = readiness(Some("poweredOn"), Some(30));
        let edited = |c, d| Some(Update::Edit(info(readiness(c, d))));
        let removed = Some(Update::Remove(vm.clone()));
        let change =
            |prior: Option<&_>, plan: Option<&_>, now: Option<&_>| readiness_change(prior, plan, now, &vm);
        assert_eq!(change(None, Some(&absent), None), None);
        assert_eq!(change(None, Some(&absent), Some(&there)), None);
        assert_eq!(change(None, Some(&both), None), Some(Update::Add(info(there.clone()))));
        assert_eq!(change(None, Some(&both), Some(&there)), None);
        assert_eq!(change(Some(&both), Some(&on), Some(&there)), edited(Some("poweredOn"), Some(-1)));
        assert_eq!(change(Some(&both), Some(&absent), Some(&there)), removed);
        assert_eq!(change(Some(&both), None, Some(&there)), removed);
        // What was set outside Terraform, and is not managed, stays.
        assert_eq!(change(Some(&on), None, Some(&there)), edited(Some("useClusterDefault"), Some(30)));
        assert_eq!(change(Some(&absent), None, Some(&there)), None);
        assert_eq!(change(Some(&both), None, None), None);
    }

    #[test]
    fn readiness_is_seen_where_it_is_managed() {
        let vm = MoRef::new("VirtualMachine", "vm-1");
        let cluster = |vm_readiness| Cluster {
            readiness_overrides: vec![ClusterVmOrchestrationInfo { vm: vm.clone(), vm_readiness }],
            ..Cluster::default()
        };
        let (absent, both) = (ready(None, None), ready(Some("poweredOn"), Some(0)));
        let other = cluster(readiness(Some("none"), Some(5)));
        assert_eq!(absent.clone().observed_beside(&other, &vm), absent);
        assert_eq!(both.clone().observed_beside(&other, &vm), ready(Some("none"), Some(5)));
        assert_eq!(both.clone().observed_beside(&cluster(readiness(None, None)), &vm), both);
        let removed = both.observed_beside(&Cluster::default(), &vm);
        assert_eq!(removed, ready(Some("useClusterDefault"), Some(-1)));
    }

    #[test]
    fn what_vsphere_leaves_out_is_as_the_cluster_says() {
        let seen = HaVmOverrideModel::default().observed(&ClusterDasVmConfigInfo::default());
        assert_eq!(seen.ha_vm_restart_priority.as_str(), "clusterRestartPriority");
        assert_eq!(seen.ha_datastore_apd_response_delay, (-1).into());
        assert_eq!(seen.ha_vm_monitoring_use_cluster_defaults, true.into());
    }
}
