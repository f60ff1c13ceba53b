//! Rules that keep virtual machines together or apart.
use super::rules::{RuleHead, RuleModel, Wanted};
use crate::common::lookup::listed;
use crate::common::machine;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{Diagnostics, Dynamic, Field, Model, Result, Value};
use vsphere_client::vim::types::{ClusterRuleInfo, ClusterRuleInfoKind};
use vsphere_client::{FaultKind, MoRef};

/// What rules about virtual machines have.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VmRule {
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub head: RuleHead,
    /// The virtual machines that the rule is about, two or more: their `id`s (BIOS UUIDs), instance UUIDs or managed
    /// object ids.
    #[tf(required, each(form = machine::id), check = two_or_more)]
    pub virtual_machine_ids: Value<BTreeSet<String>>,
}

/// How many virtual machines such a rule needs.
const LEAST: usize = 2;

fn two_or_more(v: &Dynamic) -> std::result::Result<(), String> {
    let n = match v {
        Dynamic::List(x) => x.len(),
        _ => return Ok(()),
    };
    if n >= LEAST {
        return Ok(());
    }
    Err(format!("{} {TOO_FEW}", count(n)))
}

fn count(n: usize) -> String {
    match n {
        0 => "There is none.".into(),
        1 => "There is one only.".into(),
        n => format!("There are {n}."),
    }
}

const TOO_FEW: &str = "vSphere takes no rule about fewer than two virtual machines. Where their number varies, leave the \
                       rule out when there are not enough of them: `count = length(…) > 1 ? 1 : 0`.";

/// A kind of such a rule.
pub trait VmRuleModel: Model + Clone + Send + Sync {
    /// What it is called in a sentence.
    const NOUN: &'static str;

    /// What it has in common with the other kind: all of it.
    fn rule(&self) -> &VmRule;
    /// The same, to be changed.
    fn rule_mut(&mut self) -> &mut VmRule;
    /// The rule about these.
    fn spec(base: ClusterRuleInfo, vm: Vec<MoRef>) -> ClusterRuleInfoKind;
    /// What a rule is about, when it is of this kind.
    fn machines(rule: &ClusterRuleInfoKind) -> Option<&[MoRef]>;
}

impl<M: VmRuleModel> RuleModel for M {
    const NOUN: &'static str = <M as VmRuleModel>::NOUN;

    fn head(&self) -> &RuleHead {
        &self.rule().head
    }

    fn head_mut(&mut self) -> &mut RuleHead {
        &mut self.rule_mut().head
    }

    fn is_kind(rule: &ClusterRuleInfoKind) -> bool {
        M::machines(rule).is_some()
    }

    async fn plan(&mut self, vsphere: &Vsphere, prior: Option<&Self>) -> Result<()> {
        let before = prior.map(|p| &p.rule().virtual_machine_ids);
        let ids = &mut self.rule_mut().virtual_machine_ids;
        machine::plan_all(vsphere, before, ids, VmRule::VIRTUAL_MACHINE_IDS).await
    }

    async fn wanted(&self, vsphere: &Vsphere, prior: Option<&Self>, head: ClusterRuleInfo) -> Result<Wanted> {
        let ids = self.rule().virtual_machine_ids.get();
        let before = prior.map(|p| p.rule().virtual_machine_ids.get()).unwrap_or_default();
        // One that was in the rule and went away during this run is no mistake of the configuration.
        let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (there, gone) = machine::there(vsphere, &refs, &before, VmRule::VIRTUAL_MACHINE_IDS).await?;
        let machines: BTreeSet<MoRef> = there.into_iter().map(|m| m.object).collect();
        let enough = machines.len() >= LEAST;
        if gone.is_empty() && !enough {
            let one = match ids.len() {
                0 | 1 => count(ids.len()),
                _ => format!("These are ids of one virtual machine:\n{}", listed(ids.into_iter())),
            };
            let detail = format!("{one}\n{TOO_FEW}");
            return Err(Diagnostics::error(
                VmRule::VIRTUAL_MACHINE_IDS,
                "The rule is about too few virtual machines",
                detail,
            ));
        }
        let mut warnings = Diagnostics::default();
        if !gone.is_empty() {
            let what = if enough {
                "The rule is made without them."
            } else {
                "Too few are left, so the rule stays as it is."
            };
            let detail = format!("They are gone since the plan:\n{}\n{what}", listed(gone.into_iter()));
            warnings = Diagnostics::warning(
                VmRule::VIRTUAL_MACHINE_IDS,
                format!("Virtual machines of the {} {:?} are gone", M::NOUN, self.head().name.as_str()),
                detail,
            );
        }
        let rule = enough.then(|| M::spec(head, machines.into_iter().collect()));
        Ok(Wanted { rule, warnings })
    }

    async fn observed(mut self, vsphere: &Vsphere, rule: &ClusterRuleInfoKind) -> Result<Self> {
        let machines = machine::known(vsphere, M::machines(rule).unwrap_or_default()).await?;
        let ids = &mut self.rule_mut().virtual_machine_ids;
        *ids = machine::in_words_of(&machines, &ids.get()).into();
        Ok(self)
    }

    fn blame(fault: &FaultKind) -> Option<Field> {
        match fault {
            FaultKind::DuplicateName { .. } => Some(RuleHead::NAME),
            FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => {
                Some(VmRule::VIRTUAL_MACHINE_IDS)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_about_two_or_more() {
        let list = |n: usize| Dynamic::List(vec!["vm-1".into(); n]);
        assert!(two_or_more(&list(0)).unwrap_err().starts_with("There is none."));
        assert!(two_or_more(&list(1)).unwrap_err().starts_with("There is one only."));
        assert_eq!(two_or_more(&list(2)), Ok(()));
        assert_eq!(two_or_more(&Dynamic::Null), Ok(()));
    }
}
