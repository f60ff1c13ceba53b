//! Proactive HA of a cluster: what happens to hosts whose hardware reports trouble.
use crate::common::sent::{changes, kept, sent};
use std::collections::BTreeSet;
use tf_framework::{Diagnostics, Model, Value};
use vsphere_client::vim::types::{ClusterConfigInfoEx, ClusterConfigSpecEx};

/// What the configuration sets of proactive HA. Flattened into the model of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ProactiveHa {
    /// Whether to enable Proactive HA, which evacuates hosts that a health provider reports as degraded. Requires
    /// `drs_enabled`.
    #[tf(optional)]
    pub proactive_ha_enabled: Value<bool>,
    /// The Proactive HA automation level: `Manual` (Proactive HA only makes recommendations) or `Automated` (Proactive
    /// HA applies its recommendations).
    #[tf(optional, default = "Manual", one_of("Manual", "Automated"))]
    pub proactive_ha_automation_level: Value<String>,
    /// The remediation for moderately degraded hosts: `QuarantineMode` (avoid using the host as long as performance is
    /// not affected) or `MaintenanceMode` (evacuate the host). `MaintenanceMode` requires
    /// `proactive_ha_severe_remediation` to be `MaintenanceMode` as well.
    #[tf(optional, default = "QuarantineMode", one_of("MaintenanceMode", "QuarantineMode"))]
    pub proactive_ha_moderate_remediation: Value<String>,
    /// The remediation for severely degraded hosts: `QuarantineMode` (avoid using the host as long as performance is
    /// not affected) or `MaintenanceMode` (evacuate the host).
    #[tf(optional, default = "QuarantineMode", one_of("MaintenanceMode", "QuarantineMode"))]
    pub proactive_ha_severe_remediation: Value<String>,
    /// The IDs of the health providers whose reports Proactive HA uses.
    #[tf(optional)]
    pub proactive_ha_provider_ids: Value<BTreeSet<String>>,
}

impl ProactiveHa {
    /// vSphere rejects a severe remediation that is milder than the moderate one. Pure.
    pub fn validate(&self) -> Diagnostics {
        let known = |v: &Value<String>| v.known().map(String::as_str) == Some("MaintenanceMode");
        let severe = match &self.proactive_ha_severe_remediation {
            Value::Unknown => return Diagnostics::default(),
            severe => known(severe),
        };
        if known(&self.proactive_ha_moderate_remediation) && !severe {
            let detail = "vSphere does not accept `MaintenanceMode` for moderately degraded hosts while severely degraded \
                          ones get `QuarantineMode`. Set `proactive_ha_severe_remediation` to \"MaintenanceMode\" as well.";
            let summary = "Conflicting remediations";
            return Diagnostics::error(Self::PROACTIVE_HA_MODERATE_REMEDIATION, summary, detail);
        }
        Diagnostics::default()
    }

    /// Adds what a plan changes to a spec; `now` is what is there, for what this provider does not manage. Pure.
    pub fn add_to(&self, spec: &mut ClusterConfigSpecEx, prior: Option<&Self>, now: &ClusterConfigInfoEx) {
        let mut info = now.infra_update_ha_config.clone().unwrap_or_default();
        let changed = changes(prior, self, |m| &m.proactive_ha_enabled)
            || changes(prior, self, |m| &m.proactive_ha_automation_level)
            || changes(prior, self, |m| &m.proactive_ha_moderate_remediation)
            || changes(prior, self, |m| &m.proactive_ha_severe_remediation)
            || changes(prior, self, |m| &m.proactive_ha_provider_ids);
        if !changed {
            return;
        }
        if let Some(enabled) = sent(prior, self, |m| &m.proactive_ha_enabled) {
            info.enabled = Some(enabled);
        }
        for (to, value) in [
            (&mut info.behavior, sent(prior, self, |m| &m.proactive_ha_automation_level)),
            (&mut info.moderate_remediation, sent(prior, self, |m| &m.proactive_ha_moderate_remediation)),
            (&mut info.severe_remediation, sent(prior, self, |m| &m.proactive_ha_severe_remediation)),
        ] {
            if value.is_some() {
                *to = value;
            }
        }
        if let Some(providers) = sent(prior, self, |m| &m.proactive_ha_provider_ids) {
            info.providers = providers.into_iter().collect();
        }
        if now.infra_update_ha_config.as_ref() != Some(&info) {
            spec.infra_update_ha_config = Some(info);
        }
    }

    /// As the server has it; what it leaves out is kept. Pure.
    #[must_use]
    pub fn observed(self, config: &ClusterConfigInfoEx) -> Self {
        let Some(info) = config.infra_update_ha_config.as_deref().cloned() else { return self };
        Self {
            proactive_ha_enabled: kept(info.enabled, self.proactive_ha_enabled),
            proactive_ha_automation_level: kept(info.behavior, self.proactive_ha_automation_level),
            proactive_ha_moderate_remediation: kept(
                info.moderate_remediation,
                self.proactive_ha_moderate_remediation,
            ),
            proactive_ha_severe_remediation: kept(
                info.severe_remediation,
                self.proactive_ha_severe_remediation,
            ),
            proactive_ha_provider_ids: info.providers.into_iter().collect::<BTreeSet<_>>().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_severe_remediation_is_not_milder() {
        let at = |moderate: Value<String>, severe: Value<String>| {
            let m = ProactiveHa {
                proactive_ha_moderate_remediation: moderate,
                proactive_ha_severe_remediation: severe,
                ..ProactiveHa::default()
            };
            m.validate().has_errors()
        };
        let (maintenance, quarantine) = ("MaintenanceMode", "QuarantineMode");
        assert!(at(maintenance.into(), quarantine.into()));
        // Left out, it is the default.
        assert!(at(maintenance.into(), Value::Null));
        assert!(!at(maintenance.into(), Value::Unknown));
        assert!(!at(maintenance.into(), maintenance.into()));
        assert!(!at(quarantine.into(), maintenance.into()));
        assert!(!at(Value::Unknown, quarantine.into()));
    }
}
