//! Rules that keep virtual machines together or apart.
use super::Owner;
use super::rules::{Computed, Head, HeadMut, NAME, RuleModel, Wanted};
use crate::common::lookup::listed;
use crate::common::machine::{self, Machine};
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{Diagnostics, Field, Model, Result, Value};
use vsphere_client::vim::types::{ClusterRuleInfo, ClusterRuleInfoKind};
use vsphere_client::{FaultKind, MoRef};

/// The attribute with the virtual machines, in all types.
const IDS: Field = Field("virtual_machine_ids");
/// The attribute with the tag that virtual machines have, in the types that have it.
const TAG: Field = Field("member_tag_id");

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
    Diagnostics::error(IDS, SUMMARY, format!("{there}{TOO_FEW}"))
}

const SUMMARY: &str = "Too few virtual machines for a rule";

/// What is said of a tag that too few virtual machines have.
fn too_few_tagged(n: usize, advice: &str) -> String {
    let there = match n {
        0 => "No virtual machine of the cluster has the tag".to_owned(),
        1 => "Only 1 virtual machine of the cluster has the tag".to_owned(),
        n => format!("{n} virtual machines of the cluster have the tag"),
    };
    format!("{there}, and a rule requires at least {LEAST}. {advice}")
}

/// The members that a plan computes: those that have the tag. Where they are too few, an existing rule about the same tag
/// (`before`) stays as it is; another one may be about virtual machines that get the tag in the same run. Pure.
fn planned(before: Option<&BTreeSet<String>>, found: &[Machine], words: &BTreeSet<String>) -> Computed {
    let (value, warnings) = match before {
        _ if found.len() >= LEAST => (machine::in_words_of(found, words).into(), Diagnostics::default()),
        None => (Value::Unknown, Diagnostics::default()),
        Some(before) => {
            let detail = too_few_tagged(found.len(), "The rule stays as it is.");
            (before.clone().into(), Diagnostics::warning(TAG, SUMMARY, detail))
        }
    };
    Computed { field: IDS, value, warnings }
}

fn count(n: usize) -> String {
    match n {
        0 => "There is none.".into(),
        1 => "There is only one.".into(),
        n => format!("There are {n}."),
    }
}

const TOO_FEW: &str = "A rule requires at least two virtual machines. Where their number varies, leave the \
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
    /// The tag that the virtual machines have, in the types that have such an argument.
    fn tag(&self) -> Option<&Value<String>> {
        None
    }
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

    fn problems(&self) -> Diagnostics {
        if self.ids().is_null() && self.tag().is_some_and(Value::is_null) {
            let detail =
                "Set `virtual_machine_ids`, or `member_tag_id` for the virtual machines that have a tag.";
            return Diagnostics::error(IDS, "Missing virtual machines", detail);
        }
        Diagnostics::default()
    }

    async fn computed(config: &Self, vsphere: &Vsphere, prior: Option<&Self>) -> Result<Option<Computed>> {
        let Some(tag) = config.tag().filter(|tag| !tag.is_null()) else { return Ok(None) };
        let words = prior.map(|p| p.ids().get()).unwrap_or_default();
        let (Some(tag_id), Some(owner)) = (tag.known(), VmRuleModel::head(config).owner.known()) else {
            return Ok(Some(Computed {
                field: IDS,
                value: Value::Unknown,
                warnings: Diagnostics::default(),
            }));
        };
        let found = <M as VmRuleModel>::Owner::tagged(vsphere, owner, tag_id, TAG).await?;
        let before = prior.filter(|p| p.tag() == Some(tag)).map(|_| &words);
        Ok(Some(planned(before, &found, &words)))
    }

    async fn plan(&self, vsphere: &Vsphere, prior: Option<&Self>) -> Result<&'static [Field]> {
        let (before, ids) = (prior.map(M::ids), self.ids());
        enough(before, ids)?;
        let same = machine::same_ones(vsphere, before, ids, IDS).await?;
        Ok(if same { &[IDS] } else { &[] })
    }

    async fn wanted(&self, vsphere: &Vsphere, prior: Option<&Self>, head: ClusterRuleInfo) -> Result<Wanted> {
        let tag = self.tag().and_then(Value::known);
        let (mut ids, mut before) = (self.ids().get(), prior.map(|p| p.ids().get()).unwrap_or_default());
        if let (Some(tag), true) = (tag, self.ids().is_unknown()) {
            let owner = VmRuleModel::head(self).owner.get();
            let found = <M as VmRuleModel>::Owner::tagged(vsphere, &owner, tag, TAG).await?;
            if found.len() < LEAST {
                let detail = too_few_tagged(
                    found.len(),
                    "If they get it in the same configuration, add what tags them to `depends_on` of the rule.",
                );
                return Err(Diagnostics::error(TAG, SUMMARY, detail));
            }
            ids = machine::in_words_of(&found, &before);
        }
        // One that was in the rule and was deleted during this run is not a mistake of the configuration, and what has a tag
        // is not named by it.
        if tag.is_some() {
            before.extend(ids.iter().cloned());
        }
        let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (there, deleted) = machine::there(vsphere, &refs, &before, IDS).await?;
        let machines: BTreeSet<MoRef> = there.into_iter().map(|m| m.object).collect();
        let enough = machines.len() >= LEAST;
        if deleted.is_empty() && !enough {
            let one = match ids.len() {
                0 | 1 => format!("{} ", count(ids.len())),
                _ => format!("These are IDs of one virtual machine:\n{}\n", listed(ids.into_iter())),
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
    fn the_members_of_a_tag_are_planned() {
        let machine = |n: usize| Machine {
            object: MoRef::new("VirtualMachine", format!("vm-{n}")),
            name: String::new(),
            bios_uuid: Some(format!("uuid-{n}")),
            instance_uuid: None,
        };
        let found = |n: usize| (0..n).map(machine).collect::<Vec<_>>();
        let set = |all: &[&str]| all.iter().map(|i| (*i).to_owned()).collect::<BTreeSet<_>>();
        let before = set(&["vm-0", "uuid-1", "uuid-7"]);
        // machines, whether there is a rule about the tag; members, warnings
        for (n, exists, members, warnings) in [
            (3, false, Value::Known(set(&["vm-0", "uuid-1", "uuid-2"])), 0),
            (3, true, Value::Known(set(&["vm-0", "uuid-1", "uuid-2"])), 0),
            (2, true, Value::Known(set(&["vm-0", "uuid-1"])), 0),
            // Others may get the tag in the same run.
            (1, false, Value::Unknown, 0),
            (0, false, Value::Unknown, 0),
            (1, true, Value::Known(before.clone()), 1),
        ] {
            let computed = planned(exists.then_some(&before), &found(n), &before);
            assert_eq!((computed.value, computed.warnings.0.len()), (members, warnings), "{n} {exists}");
        }
    }

    #[test]
    fn a_rule_is_about_two_or_more() {
        let ids = |n: usize| Value::Known((0..n).map(|i| format!("vm-{i}")).collect::<BTreeSet<_>>());
        let detail = |n: usize| enough(None, &ids(n)).unwrap_err().0[0].detail.clone();
        assert!(detail(0).starts_with("There is none.") && detail(1).starts_with("There is only one."));
        assert_eq!(enough(None, &ids(2)), Ok(()));
        assert_eq!(enough(None, &Value::Unknown), Ok(()));
        // The others were destroyed.
        assert_eq!(enough(Some(&ids(1)), &ids(1)), Ok(()));
        assert!(enough(Some(&ids(2)), &ids(1)).is_err());
    }
}
