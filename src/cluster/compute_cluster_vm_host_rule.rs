//! `vsphere_compute_cluster_vm_host_rule`
use crate::cluster::common::groups::{Kind, REFER};
use crate::cluster::common::rules::{IMPORT, RuleHead};
use crate::common::cluster_config::rules::{Head, HeadMut, Rule, RuleModel, Wanted};
use crate::vsphere::Vsphere;
use tf_framework::{Diagnostics, Field, Model, Result, Value};
use vsphere_client::cluster::Cluster;
use vsphere_client::vim::types::{ClusterRuleInfo, ClusterRuleInfoKind, ClusterVmHostRuleInfo};

/// Manages a VM-Host affinity rule, which specifies whether the members of a virtual machine group run on the members
/// of a host group.
///
/// Requires DRS to be enabled on the cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_vm_host_rule", category = "Host and Cluster Management")]
pub struct ComputeClusterVmHostRuleModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: RuleHead,
    /// The name of the virtual machine group.
    #[tf(required)]
    pub vm_group_name: Value<String>,
    /// The name of the host group that the virtual machines run on. Exactly one of `affinity_host_group_name` and
    /// `anti_affinity_host_group_name` must be set.
    #[tf(optional)]
    pub affinity_host_group_name: Value<String>,
    /// The name of the host group that the virtual machines do not run on. Exactly one of `affinity_host_group_name`
    /// and `anti_affinity_host_group_name` must be set.
    #[tf(optional)]
    pub anti_affinity_host_group_name: Value<String>,
}

/// The resource.
pub type ComputeClusterVmHostRule = Rule<ComputeClusterVmHostRuleModel>;

type M = ComputeClusterVmHostRuleModel;

/// A name that is set.
fn set(name: &Value<String>) -> Option<String> {
    name.non_empty().cloned()
}

impl RuleModel for M {
    type Owner = Cluster;
    const IMPORT: &'static str = IMPORT;
    const NOUN: &'static str = "rule of virtual machines and hosts";

    fn head(&self) -> Head<'_> {
        self.head.head()
    }

    fn head_mut(&mut self) -> HeadMut<'_> {
        self.head.head_mut()
    }

    fn is_kind(rule: &ClusterRuleInfoKind) -> bool {
        matches!(rule, ClusterRuleInfoKind::ClusterVmHostRuleInfo(_))
    }

    fn problems(&self) -> Diagnostics {
        let (on, off) = (&self.affinity_host_group_name, &self.anti_affinity_host_group_name);
        let (at, summary) = match (set(on), set(off)) {
            (Some(_), Some(_)) => (Self::ANTI_AFFINITY_HOST_GROUP_NAME, "Two groups of hosts"),
            (None, None) if !on.is_unknown() && !off.is_unknown() => {
                (Self::AFFINITY_HOST_GROUP_NAME, "A group of hosts is needed")
            }
            _ => return Diagnostics::default(),
        };
        let detail = "A rule keeps virtual machines either on a group of hosts, `affinity_host_group_name`, or off one, \
                      `anti_affinity_host_group_name`: set one of the two.";
        Diagnostics::error(at, summary, detail)
    }

    fn fits(&self, cluster: &Cluster) -> Result<()> {
        let mut out = Diagnostics::default();
        let mut find = |kind: Kind, name: &Value<String>, at: Field| {
            if let Some(name) = set(name) {
                out.merge(kind.find(cluster, &name, at, REFER).err().unwrap_or_default());
            }
        };
        find(Kind::Machines, &self.vm_group_name, Self::VM_GROUP_NAME);
        find(Kind::Hosts, &self.affinity_host_group_name, Self::AFFINITY_HOST_GROUP_NAME);
        find(Kind::Hosts, &self.anti_affinity_host_group_name, Self::ANTI_AFFINITY_HOST_GROUP_NAME);
        out.into_result(())
    }

    async fn wanted(&self, _: &Vsphere, _: Option<&Self>, base: ClusterRuleInfo) -> Result<Wanted> {
        let rule = ClusterVmHostRuleInfo {
            base,
            vm_group_name: set(&self.vm_group_name),
            affine_host_group_name: set(&self.affinity_host_group_name),
            anti_affine_host_group_name: set(&self.anti_affinity_host_group_name),
        };
        Ok(ClusterRuleInfoKind::from(rule).into())
    }

    async fn observed(mut self, _: &Vsphere, rule: &ClusterRuleInfoKind) -> Result<Self> {
        if let ClusterRuleInfoKind::ClusterVmHostRuleInfo(rule) = rule {
            let name = |name: &Option<String>| name.clone().unwrap_or_default().into();
            self.vm_group_name = name(&rule.vm_group_name);
            self.affinity_host_group_name = name(&rule.affine_host_group_name);
            self.anti_affinity_host_group_name = name(&rule.anti_affine_host_group_name);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_of_hosts_is_needed() {
        let problem = |on: Value<String>, off: Value<String>| {
            let m = M { affinity_host_group_name: on, anti_affinity_host_group_name: off, ..M::default() };
            m.problems().0.first().map(|d| d.at.to_string())
        };
        assert_eq!(problem("a".into(), Value::Null), None);
        assert_eq!(problem("a".into(), "".into()), None);
        assert_eq!(problem(Value::Unknown, Value::Null), None);
        assert_eq!(problem(Value::Null, Value::Null).as_deref(), Some("affinity_host_group_name"));
        assert_eq!(problem("".into(), "".into()).as_deref(), Some("affinity_host_group_name"));
        assert_eq!(problem("a".into(), "b".into()).as_deref(), Some("anti_affinity_host_group_name"));
    }
}
