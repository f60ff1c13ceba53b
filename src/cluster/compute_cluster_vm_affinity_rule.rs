//! `vsphere_compute_cluster_vm_affinity_rule`
use crate::cluster::common::rules::Rule;
use crate::cluster::common::vm_rules::{VmRule, VmRuleModel};
use tf_framework::Model;
use vsphere_client::MoRef;
use vsphere_client::vim::types::{ClusterAffinityRuleSpec, ClusterRuleInfo, ClusterRuleInfoKind};

/// Keeps virtual machines together on one host of a cluster.
///
/// The cluster needs DRS. A virtual machine that is destroyed leaves the rule by itself.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_vm_affinity_rule", category = "Host and Cluster Management")]
pub struct ComputeClusterVmAffinityRuleModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub rule: VmRule,
}

/// The resource.
pub type ComputeClusterVmAffinityRule = Rule<ComputeClusterVmAffinityRuleModel>;

impl VmRuleModel for ComputeClusterVmAffinityRuleModel {
    const NOUN: &'static str = "affinity rule";

    fn rule(&self) -> &VmRule {
        &self.rule
    }

    fn rule_mut(&mut self) -> &mut VmRule {
        &mut self.rule
    }

    fn spec(base: ClusterRuleInfo, vm: Vec<MoRef>) -> ClusterRuleInfoKind {
        ClusterAffinityRuleSpec { base, vm }.into()
    }

    fn machines(rule: &ClusterRuleInfoKind) -> Option<&[MoRef]> {
        match rule {
            ClusterRuleInfoKind::ClusterAffinityRuleSpec(rule) => Some(&rule.vm),
            _ => None,
        }
    }
}
