//! Rules that keep virtual machines together or apart.
use super::Owner;
use super::rules::{Head, HeadMut, NAME, RuleModel, Wanted};
use crate::common::lookup::listed;
use crate::common::machine;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{Diagnostics, Field, Model, Result, Value};
use vsphere_client::vim::types::{ClusterRuleInfo, ClusterRuleInfoKind};
use vsphere_client::{FaultKind, MoRef};

/// The attribute with the virtual machines, in all types.
const IDS: Field = Field("virtual_machine_ids");

/// How many virtual machines such a rule needs.
const LEAST: usize = 2;

/// Refuses what vSphere would not take. A rule that has lost its other virtual machines stays, until it changes. Pure.
fn enough(before: Option<&Value<BTreeSet<String>>>, ids: &Value<BTreeSet<String>>) -> Result<()> {
    match ids.known() {
        Some(all) if all.len() < LEAST && before != Some(ids) => {
            Err(too_few(&format!("{} ", count(all.len()))))
        }
        _ => Ok(()),
    }
}

fn too_few(there: &str) -> Diagnostics {
    let summary = "The rule is about too few virtual machines";
    Diagnostics::error(IDS, summary, format!("{there}{TOO_FEW}"))
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
    /// What it belongs to.
    type Owner: Owner;
    /// What it is called in a sentence.
    const NOUN: &'static str;
    /// How an import names one, for errors.
    const IMPORT: &'static str;

    /// What it has in common with other rules.
    fn head(&self) -> Head<'_>;
    /// The same, to be changed.
    fn head_mut(&mut self) -> HeadMut<'_>;
    /// The ids of the virtual machines.
    fn ids(&self) -> &Value<BTreeSet<String>>;
    /// The same, to be changed.
    fn ids_mut(&mut self) -> &mut Value<BTreeSet<String>>;
    /// The rule about these.
    fn spec(base: ClusterRuleInfo, vm: Vec<MoRef>) -> ClusterRuleInfoKind;
    /// What a rule is about, when it is of this kind.
    fn machines(rule: &ClusterRuleInfoKind) -> Option<&[MoRef]>;
}

impl<M: VmRuleModel> RuleModel for M {
    type Owner = <M as VmRuleModel>::Owner;
    const NOUN: &'static str = <M as VmRuleModel>::NOUN;
    const IMPORT: &'static str = <M as VmRuleModel>::IMPORT;

    fn head(&self) -> Head<'_> {
        VmRuleModel::head(self)
    }

    fn head_mut(&mut self) -> HeadMut<'_> {
        VmRuleModel::head_mut(self)
    }

    fn is_kind(rule: &ClusterRuleInfoKind) -> bool {
        M::machines(rule).is_some()
    }

    async fn plan(&self, vsphere: &Vsphere, prior: Option<&Self>) -> Result<&'static [Field]> {
        let (before, ids) = (prior.map(M::ids), self.ids());
        enough(before, ids)?;
        let same = machine::same_ones(vsphere, before, ids, IDS).await?;
        Ok(if same { &[IDS] } else { &[] })
    }

    async fn wanted(&self, vsphere: &Vsphere, prior: Option<&Self>, head: ClusterRuleInfo) -> Result<Wanted> {
        let ids = self.ids().get();
        let before = prior.map(|p| p.ids().get()).unwrap_or_default();
        // One that was in the rule and was deleted during this run is not a mistake of the configuration.
        let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (there, deleted) = machine::there(vsphere, &refs, &before, IDS).await?;
        let machines: BTreeSet<MoRef> = there.into_iter().map(|m| m.object).collect();
        let enough = machines.len() >= LEAST;
        if deleted.is_empty() && !enough {
            let one = match ids.len() {
                0 | 1 => format!("{} ", count(ids.len())),
                _ => format!("These are ids of one virtual machine:\n{}\n", listed(ids.into_iter())),
            };
            return Err(too_few(&one));
        }
        let mut warnings = Diagnostics::default();
        if !deleted.is_empty() {
            let what = if enough {
                "The rule is made without them."
            } else {
                "Too few are left, so the rule stays as it is."
            };
            let detail =
                format!("They were deleted since the plan:\n{}\n{what}", listed(deleted.into_iter()));
            warnings = Diagnostics::warning(
                IDS,
                format!(
                    "Virtual machines of the {} {:?} were deleted",
                    <M as VmRuleModel>::NOUN,
                    VmRuleModel::head(self).name.as_str()
                ),
                detail,
            );
        }
        let rule = enough.then(|| M::spec(head, machines.into_iter().collect()));
        Ok(Wanted { rule, warnings })
    }

    async fn observed(mut self, vsphere: &Vsphere, rule: &ClusterRuleInfoKind) -> Result<Self> {
        let machines = machine::known(vsphere, M::machines(rule).unwrap_or_default()).await?;
        let ids = self.ids_mut();
        *ids = machine::in_words_of(&machines, &ids.get()).into();
        Ok(self)
    }

    fn blame(fault: &FaultKind) -> Option<Field> {
        match fault {
            FaultKind::DuplicateName { .. } => Some(NAME),
            FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => Some(IDS),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_about_two_or_more() {
        let ids = |n: usize| Value::Known((0..n).map(|i| format!("vm-{i}")).collect::<BTreeSet<_>>());
        let detail = |n: usize| enough(None, &ids(n)).unwrap_err().0[0].detail.clone();
        assert!(detail(0).starts_with("There is none.") && detail(1).starts_with("There is one only."));
        assert_eq!(enough(None, &ids(2)), Ok(()));
        assert_eq!(enough(None, &Value::Unknown), Ok(()));
        // The others were destroyed.
        assert_eq!(enough(Some(&ids(1)), &ids(1)), Ok(()));
        assert!(enough(Some(&ids(2)), &ids(1)).is_err());
    }
}
