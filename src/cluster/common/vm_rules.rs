//! The attributes of rules that keep virtual machines together or apart.
use super::rules::RuleHead;
use crate::common::machine;
use std::collections::BTreeSet;
use tf_framework::{Model, Value};

/// What rules about virtual machines have.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VmRule {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: RuleHead,
    /// The virtual machines that the rule applies to. Specify at least two, each by its BIOS UUID (the `id` of
    /// `vsphere_virtual_machine`), instance UUID or managed object ID.
    #[tf(required, each(form = machine::id))]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
}
