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

/// Manages a VM-VM anti-affinity rule, which keeps virtual machines on separate hosts of a cluster.
///
/// Requires DRS to be enabled on the cluster. vSphere removes a virtual machine from the rule when the virtual machine
/// is deleted. A rule must have at least two virtual machines: if the number of virtual machines varies, create the
/// rule conditionally with `count = length(…) > 1 ? 1 : 0`. With `member_tag_id`, the rule applies to the virtual machines
/// that have a tag.
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

    fn tag(&self) -> Option<&Value<String>> {
        Some(&self.rule.member_tag_id)
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
