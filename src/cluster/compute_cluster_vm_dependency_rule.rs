//! `vsphere_compute_cluster_vm_dependency_rule`
use crate::cluster::common::groups::{Kind, REFER};
use crate::cluster::common::rules::{IMPORT, RuleHead};
use crate::common::cluster_config::rules::{Head, HeadMut, Rule, RuleModel, Wanted};
use crate::vsphere::Vsphere;
use tf_framework::{Diagnostics, Model, Result, Value};
use vsphere_client::cluster::Cluster;
use vsphere_client::vim::types::{ClusterDependencyRuleInfo, ClusterRuleInfo, ClusterRuleInfoKind};

/// Manages a VM dependency rule, which makes vSphere HA restart the virtual machines of one group only after those of
/// another group.
///
/// Requires vSphere HA to be enabled on the cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_compute_cluster_vm_dependency_rule", category = "Host and Cluster Management")]
pub struct ComputeClusterVmDependencyRuleModel {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: RuleHead,
    /// The name of the virtual machine group to restart first.
    #[tf(required)]
    pub dependency_vm_group_name: Value<String>,
    /// The name of the virtual machine group that depends on `dependency_vm_group_name` and is restarted after it.
    #[tf(required)]
    pub vm_group_name: Value<String>,
}

/// The resource.
pub type ComputeClusterVmDependencyRule = Rule<ComputeClusterVmDependencyRuleModel>;

type M = ComputeClusterVmDependencyRuleModel;

impl RuleModel for M {
    type Owner = Cluster;
    const IMPORT: &'static str = IMPORT;
    const NOUN: &'static str = "dependency rule";

    fn head(&self) -> Head<'_> {
        self.head.head()
    }

    fn head_mut(&mut self) -> HeadMut<'_> {
        self.head.head_mut()
    }

    fn is_kind(rule: &ClusterRuleInfoKind) -> bool {
        matches!(rule, ClusterRuleInfoKind::ClusterDependencyRuleInfo(_))
    }

    fn problems(&self) -> Diagnostics {
        match (self.vm_group_name.known(), self.dependency_vm_group_name.known()) {
            (Some(a), Some(b)) if a == b => {
                let detail = format!(
                    "{a:?} is both the group that waits and the one that it waits for. Give two groups: first that of \
                     `dependency_vm_group_name` is started, then that of `vm_group_name`."
                );
                Diagnostics::error(Self::DEPENDENCY_VM_GROUP_NAME, "A group waits for itself", detail)
            }
            _ => Diagnostics::default(),
        }
    }

    fn fits(&self, cluster: &Cluster) -> Result<()> {
        let mut out = Diagnostics::default();
        for (name, at) in [
            (&self.vm_group_name, Self::VM_GROUP_NAME),
            (&self.dependency_vm_group_name, Self::DEPENDENCY_VM_GROUP_NAME),
        ] {
            out.merge(Kind::Machines.find(cluster, name.as_str(), at, REFER).err().unwrap_or_default());
        }
        out.into_result(())
    }

    async fn wanted(&self, _: &Vsphere, _: Option<&Self>, base: ClusterRuleInfo) -> Result<Wanted> {
        let rule = ClusterDependencyRuleInfo {
            base,
            vm_group: self.vm_group_name.get(),
            depends_on_vm_group: self.dependency_vm_group_name.get(),
        };
        Ok(ClusterRuleInfoKind::from(rule).into())
    }

    async fn observed(mut self, _: &Vsphere, rule: &ClusterRuleInfoKind) -> Result<Self> {
        if let ClusterRuleInfoKind::ClusterDependencyRuleInfo(rule) = rule {
            self.vm_group_name = rule.vm_group.clone().into();
            self.dependency_vm_group_name = rule.depends_on_vm_group.clone().into();
        }
        Ok(self)
    }
}
