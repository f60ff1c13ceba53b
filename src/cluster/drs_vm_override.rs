//! `vsphere_drs_vm_override`
use crate::cluster::common::overrides::{IMPORT, OverrideHead};
use crate::common::cluster_config::overrides::{Override, OverrideModel};
use tf_framework::{Model, Value};
use vsphere_client::MoRef;
use vsphere_client::cluster::{Change, Cluster, Update};
use vsphere_client::vim::types::{ClusterDrsVmConfigInfo, DrsBehavior};

/// Manages a DRS override, which gives a virtual machine DRS settings that differ from those of its cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_drs_vm_override", category = "Host and Cluster Management")]
pub struct DrsVmOverrideModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: OverrideHead,
    /// Whether to enable DRS for the virtual machine. If `false`, DRS neither places nor migrates the virtual machine.
    #[tf(optional, default = false)]
    pub drs_enabled: Value<bool>,
    /// The DRS automation level for the virtual machine: `manual` (DRS only makes recommendations),
    /// `partiallyAutomated` (DRS places the virtual machine at power-on and recommends migrations) or `fullyAutomated`
    /// (DRS also migrates the virtual machine).
    #[tf(optional, default = "manual", one_of("manual", "partiallyAutomated", "fullyAutomated"))]
    pub drs_automation_level: Value<String>,
}

/// The resource.
pub type DrsVmOverride = Override<DrsVmOverrideModel>;

impl OverrideModel for DrsVmOverrideModel {
    type Owner = Cluster;
    const IMPORT: &'static str = IMPORT;
    const NOUN: &'static str = "DRS override";
    type Info = ClusterDrsVmConfigInfo;

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
        &cluster.drs_overrides
    }

    fn key(info: &Self::Info) -> Option<&MoRef> {
        Some(&info.key)
    }

    fn wanted(&self, key: MoRef, _: Option<&Self::Info>) -> Self::Info {
        let behavior = match self.drs_automation_level.as_str() {
            "fullyAutomated" => DrsBehavior::FullyAutomated,
            "partiallyAutomated" => DrsBehavior::PartiallyAutomated,
            _ => DrsBehavior::Manual,
        };
        ClusterDrsVmConfigInfo { key, enabled: Some(self.drs_enabled.get()), behavior: Some(behavior) }
    }

    fn change(update: Update<Self::Info, MoRef>) -> Change {
        Change::Drs(update)
    }

    fn observed(self, info: &Self::Info) -> Self {
        let level = info.behavior.as_ref().map(|b| b.as_str().to_owned());
        Self { drs_enabled: info.enabled.into(), drs_automation_level: level.into(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_seen_again() {
        for level in ["manual", "partiallyAutomated", "fullyAutomated"] {
            let asked = DrsVmOverrideModel {
                drs_enabled: true.into(),
                drs_automation_level: level.into(),
                ..DrsVmOverrideModel::default()
            };
            let info = asked.wanted(MoRef::new("VirtualMachine", "vm-1"), None);
            assert_eq!(DrsVmOverrideModel::default().observed(&info), asked);
        }
    }
}
