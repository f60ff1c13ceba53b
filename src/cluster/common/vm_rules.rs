//! The attributes of rules that keep virtual machines together or apart.
use super::rules::RuleHead;
use crate::common::{machine, tagging};
use std::collections::BTreeSet;
use tf_framework::{Model, Value};

/// What rules about virtual machines have.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VmRule {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: RuleHead,
    /// The virtual machines that the rule applies to. Specify at least two, each by its BIOS UUID (the `id` of
    /// `vsphere_virtual_machine`), instance UUID or managed object ID. Required unless `member_tag_id` is set, which computes
    /// them.
    #[tf(optional, computed, conflicts_with("member_tag_id"), each(form = machine::id))]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
    /// The ID of a tag. The rule applies to the virtual machines of the cluster that have the tag, without templates; at least
    /// two must have it. Virtual machines that get the tag join the rule at the next apply, and those that lose it leave the
    /// rule. If virtual machines are tagged in the same apply, add them to `depends_on` of the rule. If fewer than two have
    /// the tag, an existing rule stays as it is, with a warning.
    #[tf(optional, form = tagging::tag_id)]
    pub member_tag_id: Value<String>,
}
