//! `vsphere_compute_cluster_vm_anti_affinity_rule`
use crate::cluster::common::rules::IMPORT;
use crate::cluster::common::vm_rules::VmRule;
use crate::common::cluster_config::rules::{Head, HeadMut, Rule};
use crate::common::cluster_config::vm_rules::VmRuleModel;
use std::collections::BTreeSet;
use tf_framework::{Model, Value};
use vsphere_client::MoRef;
use vsphere_client::cluster::Cluster;
use vsphere_client::vim::types::{ClusterAntiAffinityRuleSpec, ClusterRuleInfo, ClusterRuleInfoKind};

/// Keeps virtual machines apart: each on another host of a cluster.
///
/// The cluster needs DRS. A virtual machine that is destroyed leaves the rule by itself. vSphere takes no rule about fewer
/// than two virtual machines: where their number varies, make the rule with `count = length(…) > 1 ? 1 : 0`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_vm_anti_affinity_rule", category = "Host and Cluster Management")]
pub struct ComputeClusterVmAntiAffinityRuleModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub rule: VmRule,
}

/// The resource.
pub type ComputeClusterVmAntiAffinityRule = Rule<ComputeClusterVmAntiAffinityRuleModel>;

impl VmRuleModel for ComputeClusterVmAntiAffinityRuleModel {
    type Owner = Cluster;
    const IMPORT: &'static str = IMPORT;
    const NOUN: &'static str = "anti-affinity rule";

    fn head(&self) -> Head<'_> {
        self.rule.head.head()
    }

    fn head_mut(&mut self) -> HeadMut<'_> {
        self.rule.head.head_mut()
    }

    fn ids(&self) -> &Value<BTreeSet<String>> {
        &self.rule.virtual_machine_ids
    }

    fn ids_mut(&mut self) -> &mut Value<BTreeSet<String>> {
        &mut self.rule.virtual_machine_ids
    }

    fn spec(base: ClusterRuleInfo, vm: Vec<MoRef>) -> ClusterRuleInfoKind {
        ClusterAntiAffinityRuleSpec { base, vm }.into()
    }

    fn machines(rule: &ClusterRuleInfoKind) -> Option<&[MoRef]> {
        match rule {
            ClusterRuleInfoKind::ClusterAntiAffinityRuleSpec(rule) => Some(&rule.vm),
            _ => None,
        }
    }
}
