//! DRS and DPM of a cluster.
use crate::common::sent::{kept, kept_number, options, options_of, sent, sent_number};
use std::collections::BTreeMap;
use tf_framework::{Model, Value};
use vsphere_client::ApiVersion;
use vsphere_client::vim::types::{
    ClusterConfigInfoEx, ClusterConfigSpecEx, ClusterDpmConfigInfo, ClusterDrsConfigInfo,
    ClusterProactiveDrsConfigInfo, DpmBehavior, DrsBehavior,
};

/// What the configuration sets of DRS and DPM. Flattened into the model of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Drs {
    /// Whether DRS places virtual machines on the hosts of the cluster and balances the load of the hosts.
    #[tf(optional, default = false)]
    pub drs_enabled: Value<bool>,
    /// What DRS does by itself: `manual` (it only recommends), `partiallyAutomated` (it places virtual machines when they
    /// are powered on) or `fullyAutomated` (it also migrates them).
    #[tf(optional, default = "manual", one_of("manual", "partiallyAutomated", "fullyAutomated"))]
    pub drs_automation_level: Value<String>,
    /// The imbalance between hosts that DRS tolerates, from 1 (the most) to 5 (the least).
    #[tf(optional, default = 3, range(1, 5))]
    pub drs_migration_threshold: Value<i64>,
    /// Whether single virtual machines may have DRS settings of their own (`vsphere_drs_vm_override`).
    #[tf(optional, default = true)]
    pub drs_enable_vm_overrides: Value<bool>,
    /// Whether DRS uses the predictions of VMware Aria Operations.
    #[tf(optional)]
    pub drs_enable_predictive_drs: Value<bool>,
    /// Whether the shares of all resource pools of the cluster are scaled with their parents: `disabled` or
    /// `scaleCpuAndMemoryShares`. Needs vSphere 7.0 or later.
    #[tf(optional, default = "disabled", one_of("disabled", "scaleCpuAndMemoryShares"))]
    pub drs_scale_descendants_shares: Value<String>,
    /// Advanced options of DRS and DPM, by name. Left out, they are left alone; set, the cluster has these and no others.
    #[tf(optional, computed)]
    pub drs_advanced_options: Value<BTreeMap<String, String>>,
    /// Whether DPM powers hosts off that the load does not need, and on again. Requires `drs_enabled`.
    #[tf(optional, default = false)]
    pub dpm_enabled: Value<bool>,
    /// Whether DPM only recommends (`manual`) or acts (`automated`).
    #[tf(optional, default = "manual", one_of("manual", "automated"))]
    pub dpm_automation_level: Value<String>,
    /// The surplus or lack of capacity that DPM tolerates, from 1 (the most) to 5 (the least).
    #[tf(optional, default = 3, range(1, 5))]
    pub dpm_threshold: Value<i64>,
}

/// Whether a server can scale the shares of descendants.
fn scalable(version: ApiVersion) -> bool {
    version >= ApiVersion::new([7, 0, 0, 0])
}

impl Drs {
    /// Adds what a plan changes to a spec. Pure.
    pub fn add_to(&self, spec: &mut ClusterConfigSpecEx, prior: Option<&Self>, version: ApiVersion) {
        let drs = ClusterDrsConfigInfo {
            enabled: sent(prior, self, |m| &m.drs_enabled),
            enable_vm_behavior_overrides: sent(prior, self, |m| &m.drs_enable_vm_overrides),
            default_vm_behavior: sent(prior, self, |m| &m.drs_automation_level)
                .map(|level| DrsBehavior::from(level.as_str())),
            vmotion_rate: sent_number(prior, self, |m| &m.drs_migration_threshold),
            scale_descendants_shares: sent(prior, self, |m| &m.drs_scale_descendants_shares)
                .filter(|_| scalable(version)),
            option: options(prior, self, |m| &m.drs_advanced_options),
        };
        if drs != ClusterDrsConfigInfo::default() {
            spec.drs_config = Some(Box::new(drs));
        }
        let dpm = ClusterDpmConfigInfo {
            enabled: sent(prior, self, |m| &m.dpm_enabled),
            default_dpm_behavior: sent(prior, self, |m| &m.dpm_automation_level)
                .map(|level| DpmBehavior::from(level.as_str())),
            host_power_action_rate: sent_number(prior, self, |m| &m.dpm_threshold),
            option: vec![],
        };
        if dpm != ClusterDpmConfigInfo::default() {
            spec.dpm_config = Some(Box::new(dpm));
        }
        if let Some(enabled) = sent(prior, self, |m| &m.drs_enable_predictive_drs) {
            spec.proactive_drs_config =
                Some(Box::new(ClusterProactiveDrsConfigInfo { enabled: Some(enabled) }));
        }
    }

    /// As the server has it; what it leaves out is kept. Pure.
    #[must_use]
    pub fn observed(self, config: &ClusterConfigInfoEx) -> Self {
        let (drs, dpm) = (&config.drs_config, config.dpm_config_info.as_deref());
        let level = drs.default_vm_behavior.as_ref().map(|b| b.as_str().to_owned());
        let dpm_level = dpm.and_then(|d| d.default_dpm_behavior.as_ref()).map(|b| b.as_str().to_owned());
        let predictive = config.proactive_drs_config.as_ref().and_then(|p| p.enabled);
        Self {
            drs_enabled: kept(drs.enabled, self.drs_enabled),
            drs_automation_level: kept(level, self.drs_automation_level),
            drs_migration_threshold: kept_number(drs.vmotion_rate, self.drs_migration_threshold),
            drs_enable_vm_overrides: kept(drs.enable_vm_behavior_overrides, self.drs_enable_vm_overrides),
            drs_enable_predictive_drs: kept(predictive, self.drs_enable_predictive_drs),
            drs_scale_descendants_shares: kept(
                drs.scale_descendants_shares.clone().filter(|s| !s.is_empty()),
                self.drs_scale_descendants_shares,
            ),
            drs_advanced_options: options_of(&drs.option, self.drs_advanced_options),
            dpm_enabled: kept(dpm.and_then(|d| d.enabled), self.dpm_enabled),
            dpm_automation_level: kept(dpm_level, self.dpm_automation_level),
            dpm_threshold: kept_number(dpm.and_then(|d| d.host_power_action_rate), self.dpm_threshold),
        }
    }
}
