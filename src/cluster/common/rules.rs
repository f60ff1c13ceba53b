//! Rules of a cluster: what all kinds of them have in common, and how each is made, found again, changed and removed.
use super::{Write, import_id, missing, taken, unclear};
use crate::cluster::common as cluster;
use crate::fault::no_attribute;
use crate::vsphere::Vsphere;
use std::marker::PhantomData;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::FaultKind;
use vsphere_client::cluster::{Change, Cluster, Update};
use vsphere_client::vim::types::{ClusterRuleInfo, ClusterRuleInfoKind};

/// What every rule has.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct RuleHead {
    /// The managed object id of the cluster and the key of the rule: `domain-c7:1001`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object id of the cluster, for example `domain-c7`.
    #[tf(required, force_new, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The name of the rule, unique in the cluster.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// Whether the rule is in force.
    #[tf(optional, default = true)]
    pub enabled: Value<bool>,
    /// Whether nothing may break the rule: then vSphere rather leaves a virtual machine off than start it where the
    /// rule forbids it. Otherwise the rule is kept where that is possible.
    #[tf(optional)]
    pub mandatory: Value<bool>,
}

impl RuleHead {
    fn cluster(&self) -> &str {
        self.compute_cluster_id.as_str()
    }

    /// The key of the rule, of an id of the form `domain-c7:1001`.
    fn key(&self) -> Option<i32> {
        import_id::split(self.id.as_str())?.1.parse().ok()
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

/// One kind of rule.
pub trait RuleModel: Model + Clone + Send + Sync {
    /// What it is called in a sentence.
    const NOUN: &'static str;

    /// What it has in common with others.
    fn head(&self) -> &RuleHead;
    /// The same, to be changed.
    fn head_mut(&mut self) -> &mut RuleHead;
    /// Whether a rule is of this kind.
    fn is_kind(rule: &ClusterRuleInfoKind) -> bool;

    /// Checks a configuration by itself.
    fn problems(&self) -> Diagnostics {
        Diagnostics::default()
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
    fn fits(&self, cluster: &Cluster) -> Result<()> {
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
            FaultKind::DuplicateName { .. } => Some(RuleHead::NAME),
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

fn head_of(head: &RuleHead) -> ClusterRuleInfo {
    ClusterRuleInfo {
        name: Some(head.name.as_str().to_owned()),
        enabled: Some(head.enabled.get()),
        mandatory: Some(head.mandatory.get()),
        user_created: Some(true),
        ..ClusterRuleInfo::default()
    }
}

/// The rule of a key, or, where it was made anew, of a name. Rules of another kind do not count.
fn find<'a, M: RuleModel>(cluster: &'a Cluster, head: &RuleHead) -> Option<&'a ClusterRuleInfoKind> {
    let by_key = head.key().and_then(|key| cluster.rule(key));
    let by_name = || cluster.rules_named(head.name.as_str());
    by_key.filter(|r| M::is_kind(r)).or_else(|| by_name().into_iter().find(|r| M::is_kind(r)))
}

fn key_of(rule: &ClusterRuleInfoKind) -> Option<i32> {
    rule.base().and_then(|head| head.key)
}

/// With what is observed of a rule.
async fn observed<M: RuleModel>(vsphere: &Vsphere, mut model: M, rule: &ClusterRuleInfoKind) -> Result<M> {
    let head = model.head_mut();
    if let Some(seen) = rule.base() {
        head.id = seen.key.map(|key| format!("{}:{key}", head.cluster())).into();
        head.name = seen.name.clone().into();
        head.enabled = seen.enabled.unwrap_or_default().into();
        head.mandatory = seen.mandatory.unwrap_or_default().into();
    }
    model.observed(vsphere, rule).await
}

/// The change that makes `rule`, which is what `plan` describes, of the rule that `prior` was. Pure.
fn change<M: RuleModel>(
    now: &Cluster,
    prior: Option<&M>,
    plan: &M,
    rule: ClusterRuleInfoKind,
) -> Result<Change> {
    plan.fits(now)?;
    let (head, old) = (plan.head(), prior.and_then(|prior| find::<M>(now, prior.head())));
    let name = head.name.as_str();
    let other = now.rules_named(name).into_iter().find(|r| Some(key_of(r)) != old.map(key_of));
    if let Some(other) = other {
        let same = M::is_kind(other);
        let noun = if same { M::NOUN } else { "rule of another kind" };
        return Err(taken(now, head.cluster(), noun, same, name, RuleHead::NAME));
    }
    Ok(Change::Rule(match old {
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
        let cluster = plan.head().cluster().to_owned();
        let doing = format!("{} {}", if prior.is_some() { "change" } else { "make" }, title(&plan));
        let write = Write::new(cx, &cluster);
        let decide = |now: &Cluster| Ok(vec![change(now, prior, &plan, rule.clone())?]);
        let done = write.change(doing, M::blame, decide).await;
        if prior.is_none() {
            // Until it is read it is known by its name.
            plan.head_mut().id = Value::Null;
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
    const IMPORT: &'static str = "the path of the cluster and the name of the rule, {\"compute_cluster_path\": \"/dc1/host/c1\", \"name\": \
                                  \"web\"}, or by the managed object id of the cluster and the name or key of the rule, such as \
                                  domain-c7:web";

    fn validate(&self, config: &M) -> Diagnostics {
        config.problems()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(vsphere) = cx.client.filter(|_| cx.changed || cx.prior.is_none()) else { return Ok(()) };
        cluster::plan(cx, &planned.head().compute_cluster_id).await?;
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
        let Some(cluster) = cluster::read(vsphere, state.head().cluster()).await? else { return Ok(None) };
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
        let decide = |now: &Cluster| {
            let key = find::<M>(now, head).and_then(key_of);
            Ok(key.map(|key| Change::Rule(Update::Remove(key))).into_iter().collect())
        };
        let write = Write::new(cx, head.cluster());
        write.change_if_there(format!("remove {}", title(&state)), no_attribute, decide).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let (at, name) = import_id::named(id).map_err(|why| unclear(id, &why, M::NOUN))?;
        let (cluster_id, cluster) = super::imported_cluster(cx.client(), &at).await?;
        // In JSON it is a name, also where it looks like a key.
        let id = matches!(at, import_id::At::Moid(_)).then(|| format!("{cluster_id}:{name}"));
        let mut head = RuleHead {
            id: id.into(),
            compute_cluster_id: cluster_id.into(),
            name: name.clone().into(),
            ..RuleHead::default()
        };
        let Some(rule) = find::<M>(&cluster, &head) else {
            let all: Vec<&str> = cluster
                .rules
                .iter()
                .filter(|r| M::is_kind(r))
                .filter_map(|r| r.base()?.name.as_deref())
                .collect();
            return Err(missing(&cluster, M::NOUN, &name, &all, AttributePath::root(), ""));
        };
        head.id = key_of(rule).map(|key| format!("{}:{key}", head.cluster())).into();
        let mut model = M::read(&tf_framework::Dynamic::Null, &AttributePath::root())?;
        *model.head_mut() = head;
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::compute_cluster_vm_affinity_rule::ComputeClusterVmAffinityRule;
    use crate::cluster::compute_cluster_vm_anti_affinity_rule::ComputeClusterVmAntiAffinityRule;
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
        *m.head_mut() = RuleHead {
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
        // Made anew by somebody: known by its name. Of a key of another kind as well.
        assert_eq!(done(Some("domain-c7:9"), "d"), "edit 1");
        assert_eq!(done(Some("domain-c7:3"), "d"), "edit 1");
        // Names that are taken.
        assert!(done(None, "a").contains("already the affinity rule \"a\""));
        assert!(done(Some("domain-c7:1"), "b").contains("already the affinity rule \"b\""));
        assert!(done(None, "c").contains("already the rule of another kind \"c\""));
    }

    #[test]
    fn a_rule_is_found_by_key_and_by_name_among_its_kind() {
        let (now, found) = (cluster(), |m: &M| find::<M>(&cluster(), m.head()).and_then(key_of));
        assert_eq!(found(&model("domain-c7:2", "a")), Some(2));
        assert_eq!(found(&model("domain-c7:9", "b")), Some(2));
        assert_eq!(found(&model("", "b")), Some(2));
        assert_eq!(found(&model("domain-c7:3", "c")), None);
        let mut other = Other::default();
        *other.head_mut() = model("domain-c7:1", "c").head().clone();
        assert_eq!(find::<Other>(&now, other.head()).and_then(key_of), Some(3));
    }
}
