//! `vsphere_datastore_cluster_vm_anti_affinity_rule`
use crate::common::cluster_config::rules::{Head, HeadMut, Rule};
use crate::common::cluster_config::vm_rules::VmRuleModel;
use crate::common::machine;
use crate::common::moid::{DatastoreCluster, MoId};
use std::collections::BTreeSet;
use tf_framework::{Model, Value};
use vsphere_client::MoRef;
use vsphere_client::storage_pod::Pod;
use vsphere_client::vim::types::{ClusterAntiAffinityRuleSpec, ClusterRuleInfo, ClusterRuleInfoKind};

/// Manages a VM anti-affinity rule of a datastore cluster, which keeps virtual machines on different datastores.
///
/// A virtual machine that is destroyed is removed from the rule automatically. vSphere requires at least 2 virtual
/// machines in a rule: if their number varies, create the rule with `count = length(…) > 1 ? 1 : 0`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore_cluster_vm_anti_affinity_rule", category = "Storage")]
pub struct DatastoreClusterVmAntiAffinityRuleModel {
    /// The managed object ID of the datastore cluster and the key of the rule, such as `group-p12:1001`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the datastore cluster, such as `group-p12`.
    #[tf(required, force_new, form = MoId::<DatastoreCluster>::any_form)]
    pub datastore_cluster_id: Value<String>,
    /// The name of the rule, which must be unique in the datastore cluster.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The virtual machines to keep apart, at least two: for each, the BIOS UUID (the `id` of
    /// `vsphere_virtual_machine`), instance UUID or managed object ID.
    #[tf(required, each(form = machine::id))]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
    /// Whether the rule is enabled.
    #[tf(optional, default = true)]
    pub enabled: Value<bool>,
    /// Whether the rule is mandatory. If `false`, Storage DRS may violate the rule when it cannot be satisfied.
    #[tf(optional)]
    pub mandatory: Value<bool>,
}

/// The resource.
pub type DatastoreClusterVmAntiAffinityRule = Rule<DatastoreClusterVmAntiAffinityRuleModel>;

impl VmRuleModel for DatastoreClusterVmAntiAffinityRuleModel {
    type Owner = Pod;
    const NOUN: &'static str = "anti-affinity rule";
    const IMPORT: &'static str = "the path of the datastore cluster and the name of the rule, {\"datastore_cluster_path\": \
                                  \"/dc1/datastore/ssd\", \"name\": \"web\"}, or by the managed object ID of the datastore cluster and \
                                  the name or key of the rule, such as group-p12:web";

    fn head(&self) -> Head<'_> {
        Head {
            id: &self.id,
            owner: &self.datastore_cluster_id,
            name: &self.name,
            enabled: &self.enabled,
            mandatory: &self.mandatory,
        }
    }

    fn head_mut(&mut self) -> HeadMut<'_> {
        HeadMut {
            id: &mut self.id,
            owner: &mut self.datastore_cluster_id,
            name: &mut self.name,
            enabled: &mut self.enabled,
            mandatory: &mut self.mandatory,
        }
    }

    fn ids(&self) -> &Value<BTreeSet<String>> {
        &self.virtual_machine_ids
    }

    fn ids_mut(&mut self) -> &mut Value<BTreeSet<String>> {
        &mut self.virtual_machine_ids
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
