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
    /// Whether to enable vSphere DRS, which places virtual machines on the hosts of the cluster and balances the load.
    #[tf(optional, default = false)]
    pub drs_enabled: Value<bool>,
    /// The default DRS automation level of the cluster: `manual` (DRS only makes recommendations), `partiallyAutomated`
    /// (DRS places virtual machines at power-on and recommends migrations) or `fullyAutomated` (DRS also migrates
    /// virtual machines).
    #[tf(optional, default = "manual", one_of("manual", "partiallyAutomated", "fullyAutomated"))]
    pub drs_automation_level: Value<String>,
    /// The DRS migration threshold, from `1` (the most aggressive, which tolerates the least imbalance) to `5` (the
    /// most conservative). The value is sent to the vSphere API unchanged, and the slider in the vSphere Client has the
    /// reverse order: `1` is its level 5.
    #[tf(optional, default = 3, range(1, 5))]
    pub drs_migration_threshold: Value<i64>,
    /// Whether virtual machines in the cluster can have individual DRS settings, such as those of a
    /// `vsphere_drs_vm_override`.
    #[tf(optional, default = true)]
    pub drs_enable_vm_overrides: Value<bool>,
    /// Whether to enable Predictive DRS, which uses forecasts from VMware Aria Operations.
    #[tf(optional)]
    pub drs_enable_predictive_drs: Value<bool>,
    /// Whether to enable scalable shares for all resource pools in the cluster: `disabled` or
    /// `scaleCpuAndMemoryShares`. Requires vSphere 7.0 or later.
    #[tf(optional, default = "disabled", one_of("disabled", "scaleCpuAndMemoryShares"))]
    pub drs_scale_descendants_shares: Value<String>,
    /// The advanced options for DRS and DPM, by name. If omitted, the options are not managed. If set, any other
    /// options are removed.
    #[tf(optional, computed)]
    pub drs_advanced_options: Value<BTreeMap<String, String>>,
    /// Whether to enable Distributed Power Management (DPM), which puts hosts that the current load does not require in
    /// standby and powers them on again when they are required. Requires `drs_enabled`.
    #[tf(optional, default = false)]
    pub dpm_enabled: Value<bool>,
    /// The DPM automation level: `manual` (DPM only makes recommendations) or `automated` (DPM applies its
    /// recommendations).
    #[tf(optional, default = "manual", one_of("manual", "automated"))]
    pub dpm_automation_level: Value<String>,
    /// The DPM threshold, from `1` (the most aggressive, which tolerates the least surplus or deficit of capacity) to
    /// `5` (the most conservative). The value is sent to the vSphere API unchanged, and the slider in the vSphere
    /// Client has the reverse order.
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
