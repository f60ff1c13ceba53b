//! The attributes of rules of a cluster.
use crate::cluster::common as cluster;
use crate::common::cluster_config::rules::{Head, HeadMut};
use tf_framework::{Model, Value};

/// How an import names a rule.
pub const IMPORT: &str = "the path of the cluster and the name of the rule, {\"compute_cluster_path\": \"/dc1/host/c1\", \"name\": \
                          \"web\"}, or by the managed object ID of the cluster and the name or key of the rule, such as \
                          domain-c7:web";

/// What every rule has.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct RuleHead {
    /// The managed object ID of the cluster and the key of the rule, joined by a colon: `domain-c7:1001`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c7`.
    #[tf(required, force_new, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The name of the rule. Must be unique in the cluster.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// Whether to enable the rule.
    #[tf(optional, default = true)]
    pub enabled: Value<bool>,
    /// Whether compliance with the rule is mandatory. A mandatory rule prevents virtual machines from being powered on
    /// or migrated in violation of the rule. Otherwise, the rule is a preference that is followed where possible.
    #[tf(optional)]
    pub mandatory: Value<bool>,
}

impl RuleHead {
    /// What it has in common with all rules.
    pub fn head(&self) -> Head<'_> {
        Head {
            id: &self.id,
            owner: &self.compute_cluster_id,
            name: &self.name,
            enabled: &self.enabled,
            mandatory: &self.mandatory,
        }
    }

    /// The same, to be changed.
    pub fn head_mut(&mut self) -> HeadMut<'_> {
        HeadMut {
            id: &mut self.id,
            owner: &mut self.compute_cluster_id,
            name: &mut self.name,
            enabled: &mut self.enabled,
            mandatory: &mut self.mandatory,
        }
    }
}
