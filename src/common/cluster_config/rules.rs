//! Rules of a cluster or datastore cluster: what all kinds of them have in common, and how each is made, found again, changed and removed.
use super::{Owner, Write, import_id, missing, taken, unclear};
use crate::fault::no_attribute;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use std::marker::PhantomData;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::FaultKind;
use vsphere_client::cluster::{Update, rule, rules_named};
use vsphere_client::vim::types::{ClusterRuleInfo, ClusterRuleInfoKind};

/// The attribute with the name of a rule, in all types.
pub const NAME: Field = Field("name");

/// The attributes that every rule has.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The id of the cluster and the key of the rule: `domain-c7:1001`.
    pub id: &'a Value<String>,
    /// The id of the cluster.
    pub owner: &'a Value<String>,
    /// The name, unique in the cluster.
    pub name: &'a Value<String>,
    /// Whether the rule is in force.
    pub enabled: &'a Value<bool>,
    /// Whether nothing may break the rule.
    pub mandatory: &'a Value<bool>,
}

/// The same, to be changed.
#[derive(Debug)]
#[allow(missing_docs, reason = "they are documented at the head")]
pub struct HeadMut<'a> {
    pub id: &'a mut Value<String>,
    pub owner: &'a mut Value<String>,
    pub name: &'a mut Value<String>,
    pub enabled: &'a mut Value<bool>,
    pub mandatory: &'a mut Value<bool>,
}

impl Head<'_> {
    /// The key of the rule, of an id of the form `domain-c7:1001`.
    fn key(&self, form: import_id::Form) -> Option<i32> {
        form.split(self.id.as_str())?.1.parse().ok()
    }
}

/// What a rule shall be.
pub struct Wanted {
    /// The rule; nothing where what is left of it can be no rule: then the one that there is stays as it is.
    pub rule: Option<ClusterRuleInfoKind>,
    /// What the user should know.
    pub warnings: Diagnostics,
}

impl From<ClusterRuleInfoKind> for Wanted {
    fn from(rule: ClusterRuleInfoKind) -> Self {
        Self { rule: Some(rule), warnings: Diagnostics::default() }
    }
}

/// An attribute that a plan computes.
pub struct Computed {
    /// The attribute.
    pub field: Field,
    /// Its value; unknown where only the apply can tell.
    pub value: Value<BTreeSet<String>>,
    /// What the user should know.
    pub warnings: Diagnostics,
}

/// One kind of rule.
pub trait RuleModel: Model + Clone + Send + Sync {
    /// What it belongs to.
    type Owner: Owner;
    /// What it is called in a sentence.
    const NOUN: &'static str;
    /// How an import names one, for errors.
    const IMPORT: &'static str;

    /// What it has in common with others.
    fn head(&self) -> Head<'_>;
    /// The same, to be changed.
    fn head_mut(&mut self) -> HeadMut<'_>;
    /// Whether a rule is of this kind.
    fn is_kind(rule: &ClusterRuleInfoKind) -> bool;

    /// Checks a configuration by itself.
    fn problems(&self) -> Diagnostics {
        Diagnostics::default()
    }

    /// What a plan computes, whether it changes anything or not: `config` is what the user wrote.
    fn computed(
        config: &Self,
        vsphere: &Vsphere,
        prior: Option<&Self>,
    ) -> impl Future<Output = Result<Option<Computed>>> + Send {
        let _ = (config, vsphere, prior);
        async { Ok(None) }
    }

    /// Checks a plan against what there is; gives the fields in which it says the same as the prior state in other words.
    fn plan(
        &self,
        vsphere: &Vsphere,
        prior: Option<&Self>,
    ) -> impl Future<Output = Result<&'static [Field]>> + Send {
        let _ = (vsphere, prior);
        async { Ok(&[][..]) }
    }

    /// Checks what it refers to in its cluster.
    fn fits(&self, cluster: &Self::Owner) -> Result<()> {
        let _ = cluster;
        Ok(())
    }

    /// The rule that it describes, with `head` in it.
    fn wanted(
        &self,
        vsphere: &Vsphere,
        prior: Option<&Self>,
        head: ClusterRuleInfo,
    ) -> impl Future<Output = Result<Wanted>> + Send;

    /// With what is its own in a rule of its kind.
    fn observed(
        self,
        vsphere: &Vsphere,
        rule: &ClusterRuleInfoKind,
    ) -> impl Future<Output = Result<Self>> + Send;

    /// The attribute that a refusal of the server is about.
    fn blame(fault: &FaultKind) -> Option<Field> {
        match fault {
            FaultKind::DuplicateName { .. } => Some(NAME),
            _ => None,
        }
    }
}

/// The resource of one kind of rule.
pub struct Rule<M>(PhantomData<fn() -> M>);

impl<M> Default for Rule<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

fn title<M: RuleModel>(model: &M) -> String {
    format!("the {} {:?}", M::NOUN, model.head().name.as_str())
}

fn head_of(head: Head<'_>) -> ClusterRuleInfo {
    ClusterRuleInfo {
        name: Some(head.name.as_str().to_owned()),
        enabled: Some(head.enabled.get()),
        mandatory: Some(head.mandatory.get()),
        user_created: Some(true),
        ..ClusterRuleInfo::default()
    }
}

/// The rule of a key, or, where it was created again, of a name. Rules of another kind do not count.
fn find<'a, M: RuleModel>(cluster: &'a M::Owner, head: Head<'_>) -> Option<&'a ClusterRuleInfoKind> {
    let by_key = head.key(M::Owner::FORM).and_then(|key| rule(cluster.rules(), key));
    let by_name = || rules_named(cluster.rules(), head.name.as_str());
    by_key.filter(|r| M::is_kind(r)).or_else(|| by_name().into_iter().find(|r| M::is_kind(r)))
}

fn key_of(rule: &ClusterRuleInfoKind) -> Option<i32> {
    rule.base().and_then(|head| head.key)
}

/// With what is observed of a rule.
async fn observed<M: RuleModel>(vsphere: &Vsphere, mut model: M, rule: &ClusterRuleInfoKind) -> Result<M> {
    let head = model.head_mut();
    if let Some(seen) = rule.base() {
        *head.id = seen.key.map(|key| format!("{}:{key}", head.owner.as_str())).into();
        *head.name = seen.name.clone().into();
        *head.enabled = seen.enabled.unwrap_or_default().into();
        *head.mandatory = seen.mandatory.unwrap_or_default().into();
    }
    model.observed(vsphere, rule).await
}

/// The change that makes `rule`, which is what `plan` describes, of the rule that `prior` was. Pure.
fn change<M: RuleModel>(
    now: &M::Owner,
    prior: Option<&M>,
    plan: &M,
    rule: ClusterRuleInfoKind,
) -> Result<<M::Owner as Owner>::Change> {
    plan.fits(now)?;
    let (head, old) = (plan.head(), prior.and_then(|prior| find::<M>(now, prior.head())));
    let name = head.name.as_str();
    let other = rules_named(now.rules(), name).into_iter().find(|r| Some(key_of(r)) != old.map(key_of));
    if let Some(other) = other {
        let same = M::is_kind(other);
        let noun = if same { M::NOUN } else { "rule of another kind" };
        return Err(taken(now, head.owner.as_str(), noun, same, name, NAME));
    }
    Ok(M::Owner::change_rule(match old {
        Some(old) => Update::Edit(with_key(rule, key_of(old))),
        None => Update::Add(rule),
    }))
}

impl<M: RuleModel> Rule<M> {
    /// Makes the rule, or changes the one that there is.
    async fn put(&self, cx: &Cx<'_, Self>, prior: Option<&M>, mut plan: M) -> Result<M> {
        let vsphere = cx.client();
        let Wanted { rule, warnings } = plan.wanted(vsphere, prior, head_of(plan.head())).await?;
        for w in warnings.0 {
            cx.warn(w.at, w.summary, w.detail);
        }
        let Some(rule) = rule else { return Ok(plan) };
        let cluster = plan.head().owner.get();
        let doing = format!("{} {}", if prior.is_some() { "change" } else { "make" }, title(&plan));
        let write = Write::new(cx, &cluster);
        let decide = |now: &M::Owner| Ok(vec![change(now, prior, &plan, rule.clone())?]);
        let done = write.change(doing, M::blame, decide).await;
        if prior.is_none() {
            // Until it is read it is known by its name.
            *plan.head_mut().id = Value::Null;
            // What is not there after all leaves the state with the next look at it.
            if write.may_be_made() {
                cx.checkpoint(&plan);
            }
        }
        done?;
        Ok(plan)
    }
}

/// The rule with that key.
fn with_key(mut rule: ClusterRuleInfoKind, key: Option<i32>) -> ClusterRuleInfoKind {
    use ClusterRuleInfoKind as K;
    match &mut rule {
        K::ClusterAffinityRuleSpec(r) => r.key = key,
        K::ClusterAntiAffinityRuleSpec(r) => r.key = key,
        K::ClusterVmHostRuleInfo(r) => r.key = key,
        K::ClusterDependencyRuleInfo(r) => r.key = key,
        _ => {}
    }
    rule
}

impl<M: RuleModel> Resource for Rule<M> {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = <M as RuleModel>::IMPORT;

    fn validate(&self, config: &M) -> Diagnostics {
        config.problems()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(vsphere) = cx.client else { return Ok(()) };
        let prior = cx.prior.filter(|_| !cx.is_replacement());
        if let Some(Computed { field, value, warnings }) = M::computed(cx.config, vsphere, prior).await? {
            cx.warnings.merge(warnings);
            if value.is_unknown() {
                planned.unknown(field);
            } else {
                planned.set(field, value);
            }
        }
        if !cx.changed && cx.prior.is_some() {
            return Ok(());
        }
        super::plan::<M::Owner, _>(cx, planned.head().owner).await?;
        let same = M::plan(planned, vsphere, cx.prior).await?;
        if let Some(prior) = cx.prior {
            planned.copy_from(prior, same);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        self.put(cx, None, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let read = super::read::<M::Owner>(vsphere, state.head().owner.as_str()).await?;
        let Some(cluster) = read else { return Ok(None) };
        match find::<M>(&cluster, state.head()) {
            Some(rule) => observed(vsphere, state, rule).await.map(Some),
            None => Ok(None),
        }
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        self.put(cx, Some(&prior), plan).await
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let head = state.head();
        let decide = |now: &M::Owner| {
            let key = find::<M>(now, head).and_then(key_of);
            Ok(key.map(|key| M::Owner::change_rule(Update::Remove(key))).into_iter().collect())
        };
        let write = Write::new(cx, head.owner.as_str());
        write.change_if_there(format!("remove {}", title(&state)), no_attribute, decide).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let form = M::Owner::FORM;
        let (at, name) = form.named(id).map_err(|why| unclear(id, &why, M::NOUN))?;
        let (cluster_id, cluster) = super::imported_cluster::<M::Owner>(cx.client(), &at).await?;
        let mut model = M::read(&tf_framework::Dynamic::Null, &AttributePath::root())?;
        let head = model.head_mut();
        // In JSON it is a name, also where it looks like a key.
        *head.id = matches!(at, import_id::At::Moid(_)).then(|| format!("{cluster_id}:{name}")).into();
        *head.owner = cluster_id.clone().into();
        *head.name = name.clone().into();
        let Some(rule) = find::<M>(&cluster, model.head()) else {
            let all: Vec<&str> = cluster
                .rules()
                .iter()
                .filter(|r| M::is_kind(r))
                .filter_map(|r| r.base()?.name.as_deref())
                .collect();
            return Err(missing(&*cluster, M::NOUN, &name, &all, AttributePath::root(), ""));
        };
        *model.head_mut().id = key_of(rule).map(|key| format!("{cluster_id}:{key}")).into();
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::common::rules::RuleHead;
    use crate::cluster::compute_cluster_vm_affinity_rule::ComputeClusterVmAffinityRule;
    use crate::cluster::compute_cluster_vm_anti_affinity_rule::ComputeClusterVmAntiAffinityRule;
    use vsphere_client::cluster::{Change, Cluster};
    use vsphere_client::vim::types::{ClusterAffinityRuleSpec, ClusterAntiAffinityRuleSpec};

    type M = <ComputeClusterVmAffinityRule as Resource>::Model;
    type Other = <ComputeClusterVmAntiAffinityRule as Resource>::Model;

    fn head(key: i32, name: &str) -> ClusterRuleInfo {
        ClusterRuleInfo { key: Some(key), name: Some(name.into()), ..ClusterRuleInfo::default() }
    }

    fn together(key: i32, name: &str) -> ClusterRuleInfoKind {
        ClusterAffinityRuleSpec { base: head(key, name), vm: vec![] }.into()
    }

    fn apart(key: i32, name: &str) -> ClusterRuleInfoKind {
        ClusterAntiAffinityRuleSpec { base: head(key, name), vm: vec![] }.into()
    }

    fn model(id: &str, name: &str) -> M {
        let mut m = M::default();
        m.rule.head = RuleHead {
            id: id.into(),
            compute_cluster_id: "domain-c7".into(),
            name: name.into(),
            ..RuleHead::default()
        };
        m
    }

    fn cluster() -> Cluster {
        Cluster { rules: vec![together(1, "a"), together(2, "b"), apart(3, "c")], ..Cluster::default() }
    }

    /// What is done, in a word.
    fn done(prior: Option<&str>, plan: &str) -> String {
        let (now, prior) = (cluster(), prior.map(|p| model(p, "a")));
        match change(&now, prior.as_ref(), &model("", plan), together(0, plan)) {
            Ok(Change::Rule(Update::Add(_))) => "add".into(),
            Ok(Change::Rule(Update::Edit(rule))) => format!("edit {}", key_of(&rule).unwrap_or_default()),
            Ok(other) => format!("{other:?}"),
            Err(e) => e.0[0].summary.clone(),
        }
    }

    #[test]
    fn a_rule_is_made_or_changed_and_no_other_is_touched() {
        assert_eq!(done(None, "d"), "add");
        assert_eq!(done(Some("domain-c7:1"), "a"), "edit 1");
        // Another name, in place.
        assert_eq!(done(Some("domain-c7:1"), "d"), "edit 1");
        // Created again outside this configuration: known by its name. Of a key of another kind as well.
        assert_eq!(done(Some("domain-c7:9"), "d"), "edit 1");
        assert_eq!(done(Some("domain-c7:3"), "d"), "edit 1");
        // Names that are taken.
        assert!(done(None, "a").contains("already the affinity rule \"a\""));
        assert!(done(Some("domain-c7:1"), "b").contains("already the affinity rule \"b\""));
        assert!(done(None, "c").contains("already the rule of another kind \"c\""));
    }

    #[test]
    fn a_rule_is_found_by_key_and_by_name_among_its_kind() {
        let (now, found) = (cluster(), |m: &M| find::<M>(&cluster(), RuleModel::head(m)).and_then(key_of));
        assert_eq!(found(&model("domain-c7:2", "a")), Some(2));
        assert_eq!(found(&model("domain-c7:9", "b")), Some(2));
        assert_eq!(found(&model("", "b")), Some(2));
        assert_eq!(found(&model("domain-c7:3", "c")), None);
        let mut other = Other::default();
        other.rule.head = model("domain-c7:1", "c").rule.head;
        assert_eq!(find::<Other>(&now, RuleModel::head(&other)).and_then(key_of), Some(3));
    }
}
