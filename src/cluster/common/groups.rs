//! Groups of virtual machines and of hosts in a cluster: what both kinds have in common.
use crate::cluster::common as cluster;
use crate::common::cluster_config::{self as config, Owner, Write, missing, taken, unclear};
use crate::common::lookup::listed;
use crate::common::machine;
use crate::common::moid::{Host, MoId};
use crate::fault::no_attribute;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use std::marker::PhantomData;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::cluster::{Change, Cluster, Update};
use vsphere_client::vim::types::{ClusterGroupInfo, ClusterGroupInfoKind, ClusterHostGroup, ClusterVmGroup};
use vsphere_client::{FaultKind, MoRef};

/// What every group has.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct GroupHead {
    /// The managed object ID of the cluster and the name of the group, joined by a colon: `domain-c7:web`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c7`.
    #[tf(required, force_new, form = cluster::id)]
    pub compute_cluster_id: Value<String>,
    /// The name of the group. Must be unique in the cluster.
    #[tf(required, force_new, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
}

impl GroupHead {
    fn cluster(&self) -> &str {
        self.compute_cluster_id.as_str()
    }
}

/// What a group is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Virtual machines.
    Machines,
    /// Hosts.
    Hosts,
}

impl Kind {
    /// What such a group is called in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Machines => "group of virtual machines",
            Kind::Hosts => "group of hosts",
        }
    }

    /// What a group holds, when it is of this kind.
    pub fn members(self, group: &ClusterGroupInfoKind) -> Option<&[MoRef]> {
        match (self, group) {
            (Kind::Machines, ClusterGroupInfoKind::ClusterVmGroup(g)) => Some(&g.vm),
            (Kind::Hosts, ClusterGroupInfoKind::ClusterHostGroup(g)) => Some(&g.host),
            _ => None,
        }
    }

    /// The group of that name.
    ///
    /// # Errors
    /// There is none of this kind: those that there are.
    pub fn find<'a>(
        self,
        cluster: &'a Cluster,
        name: &str,
        at: impl Into<AttributePath>,
        advice: &str,
    ) -> Result<&'a [MoRef]> {
        let found = cluster.group(name).and_then(|g| self.members(g));
        found.ok_or_else(|| {
            let of_kind = cluster.groups.iter().filter(|g| self.members(g).is_some());
            let all: Vec<&str> = of_kind.filter_map(|g| Some(g.base()?.name.as_str())).collect();
            missing(cluster, self.noun(), name, &all, at.into(), advice)
        })
    }

    /// A group of these.
    pub fn group(self, name: &str, members: Vec<MoRef>) -> ClusterGroupInfoKind {
        let base = ClusterGroupInfo { name: name.to_owned(), user_created: Some(true), unique_id: None };
        match self {
            Kind::Machines => ClusterVmGroup { base, vm: members }.into(),
            Kind::Hosts => ClusterHostGroup { base, host: members }.into(),
        }
    }
}

/// What a group is called in a sentence.
fn noun_of(group: &ClusterGroupInfoKind) -> &'static str {
    let kind = [Kind::Machines, Kind::Hosts].into_iter().find(|k| k.members(group).is_some());
    kind.map_or("group", Kind::noun)
}

/// How to refer to a group so that it is made before what refers to it.
pub const REFER: &str = "Where the group is made by the same configuration, refer to it as \
                                `vsphere_compute_cluster_….<name>.name`, so that it is made first.";

/// One kind of group.
pub trait GroupModel: Model + Clone + Send + Sync {
    /// What it holds.
    const KIND: Kind;
    /// The attribute with its members.
    const MEMBERS: Field;

    /// What it has in common with the other kind.
    fn head(&self) -> &GroupHead;
    /// The same, to be changed.
    fn head_mut(&mut self) -> &mut GroupHead;
    /// The ids of its members.
    fn members(&self) -> &Value<BTreeSet<String>>;
    /// The same, to be changed.
    fn members_mut(&mut self) -> &mut Value<BTreeSet<String>>;
}

/// The resource of one kind of group.
pub struct Group<M>(PhantomData<fn() -> M>);

impl<M> Default for Group<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

fn title<M: GroupModel>(model: &M) -> String {
    format!("the {} {:?}", M::KIND.noun(), model.head().name.as_str())
}

fn blame<M: GroupModel>(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::AlreadyExists { .. } => Some(GroupHead::NAME),
        FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => Some(M::MEMBERS),
        _ => None,
    }
}

/// The hosts of these ids, all of them of the cluster.
fn hosts(cluster: &Cluster, ids: &BTreeSet<String>, at: Field) -> Result<Vec<MoRef>> {
    let mut out = Diagnostics::default();
    for id in ids.iter().filter(|id| !cluster.hosts.iter().any(|h| *h.id == **id)) {
        let all = listed(cluster.hosts.iter().map(|h| format!("{h} ({})", h.id)));
        let detail = match all.as_str() {
            "" => "A group holds hosts of its own cluster, and this one has none.".to_owned(),
            all => format!("A group holds hosts of its own cluster. These are:\n{all}"),
        };
        let host = MoRef::new("HostSystem", id.as_str());
        let summary = format!("{host} is not in {}", config::title(cluster));
        out.merge(Diagnostics::error(at, summary, detail));
    }
    out.into_result(ids.iter().map(MoId::<Host>::object).collect())
}

/// The members of a group in the words of the state: the hosts by their ids, which is all that they are known by.
async fn in_words(
    vsphere: &Vsphere,
    kind: Kind,
    members: &[MoRef],
    words: &BTreeSet<String>,
) -> Result<BTreeSet<String>> {
    Ok(match kind {
        Kind::Machines => machine::in_words_of(&machine::known(vsphere, members).await?, words),
        Kind::Hosts => members.iter().map(|h| h.id.to_string()).collect(),
    })
}

/// Whether two lists have the same members, in whatever order. Pure.
fn same_members(a: &[MoRef], b: &[MoRef]) -> bool {
    a.iter().collect::<BTreeSet<_>>() == b.iter().collect::<BTreeSet<_>>()
}

/// The change that makes a group of that name, which there has been if it is `ours`. Pure.
fn change(
    now: &Cluster,
    kind: Kind,
    ours: bool,
    id: &str,
    name: &str,
    group: ClusterGroupInfoKind,
) -> Result<Change> {
    Ok(Change::Group(match now.group(name) {
        Some(there) if ours && kind.members(there).is_some() => Update::Edit(group),
        Some(other) => {
            let same = kind.members(other).is_some();
            return Err(taken(now, id, noun_of(other), same, name, GroupHead::NAME));
        }
        None => Update::Add(group),
    }))
}

impl<M: GroupModel> Group<M> {
    /// Makes the group, or changes the one that there is.
    async fn put(&self, cx: &Cx<'_, Self>, prior: Option<&M>, mut plan: M) -> Result<M> {
        let (vsphere, ids) = (cx.client(), plan.members().get());
        let before = prior.map(|p| p.members().get()).unwrap_or_default();
        let mut machines = vec![];
        if M::KIND == Kind::Machines {
            let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
            // A member that was deleted during this run is not an error of the configuration.
            let (there, _deleted) = machine::there(vsphere, &refs, &before, M::MEMBERS).await?;
            machines = there.into_iter().map(|m| m.object).collect::<BTreeSet<_>>().into_iter().collect();
        }
        let (id, name) = (plan.head().compute_cluster_id.get(), plan.head().name.get());
        let (id, name) = (id.as_str(), name.as_str());
        let doing = format!("{} {}", if prior.is_some() { "change" } else { "make" }, title(&plan));
        let decide = |now: &Cluster| {
            let members = match M::KIND {
                Kind::Machines => machines.clone(),
                Kind::Hosts => hosts(now, &ids, M::MEMBERS)?,
            };
            let there = now.group(name).and_then(|g| M::KIND.members(g)).filter(|_| prior.is_some());
            if there.is_some_and(|there| same_members(there, &members)) {
                return Ok(vec![]);
            }
            let group = M::KIND.group(name, members);
            Ok(vec![change(now, M::KIND, prior.is_some(), id, name, group)?])
        };
        let write = Write::new(cx, id);
        let done = write.change(doing, blame::<M>, decide).await;
        plan.head_mut().id = format!("{id}:{name}").into();
        // What is not there after all leaves the state with the next look at it.
        if prior.is_none() && write.may_be_made() {
            cx.checkpoint(&plan);
        }
        done?;
        Ok(plan)
    }
}

impl<M: GroupModel> Resource for Group<M> {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the path of the cluster and the name of the group, {\"compute_cluster_path\": \"/dc1/host/c1\", \"name\": \
                                  \"web\"}, or by the managed object ID of the cluster and the name of the group, such as domain-c7:web";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // Left out, a new group has no members, and those of one that there is are left alone.
        if cx.config.members().is_null() && (cx.prior.is_none() || cx.is_replacement()) {
            planned.null(M::MEMBERS);
        }
        let Some(vsphere) = cx.client.filter(|_| cx.changed || cx.prior.is_none()) else { return Ok(()) };
        let Some(id) = planned.head().compute_cluster_id.known() else { return Ok(()) };
        let now = config::there(vsphere, id).await?;
        let prior = cx.prior.map(M::members);
        match M::KIND {
            Kind::Machines => {
                if machine::same_ones(vsphere, prior, planned.members(), M::MEMBERS).await?
                    && let Some(prior) = cx.prior
                {
                    planned.copy_from(prior, &[M::MEMBERS]);
                }
                Ok(())
            }
            Kind::Hosts => {
                let before = prior.map(Value::get).unwrap_or_default();
                let new = planned.members().get().difference(&before).cloned().collect();
                hosts(&now, &new, M::MEMBERS).map(drop)
            }
        }
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        self.put(cx, None, plan).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, mut state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(cluster) = config::read::<Cluster>(vsphere, state.head().cluster()).await? else {
            return Ok(None);
        };
        let group = cluster.group(state.head().name.as_str());
        let Some(members) = group.and_then(|g| M::KIND.members(g)) else { return Ok(None) };
        let members = in_words(vsphere, M::KIND, members, &state.members().get()).await?;
        *state.members_mut() = members.into();
        let head = state.head_mut();
        head.id = format!("{}:{}", head.cluster(), head.name.as_str()).into();
        Ok(Some(state))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        self.put(cx, Some(&prior), plan).await
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (head, doing) = (state.head(), format!("remove {}", title(&state)));
        let decide = |now: &Cluster| {
            let there = now.group(head.name.as_str()).is_some_and(|g| M::KIND.members(g).is_some());
            let remove = || Change::Group(Update::Remove(head.name.get()));
            Ok(there.then(remove).into_iter().collect())
        };
        Write::new(cx, head.cluster()).change_if_there(doing, no_attribute, decide).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let (at, name) = Cluster::FORM.named(id).map_err(|why| unclear(id, &why, M::KIND.noun()))?;
        let (cluster_id, cluster) = config::imported_cluster::<Cluster>(cx.client(), &at).await?;
        M::KIND.find(&cluster, &name, AttributePath::root(), "")?;
        let mut model = M::read(&tf_framework::Dynamic::Null, &AttributePath::root())?;
        *model.head_mut() = GroupHead {
            id: format!("{cluster_id}:{name}").into(),
            compute_cluster_id: cluster_id.into(),
            name: name.into(),
        };
        Ok(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster() -> Cluster {
        let host = |id: &str| MoRef::new("HostSystem", id);
        Cluster {
            hosts: vec![host("host-1"), host("host-2")],
            groups: vec![Kind::Machines.group("vms", vec![]), Kind::Hosts.group("hosts", vec![])],
            ..Cluster::default()
        }
    }

    #[test]
    fn a_group_is_made_or_changed_and_no_other_is_touched() {
        for (kind, ours, name, expected) in [
            (Kind::Machines, false, "new", "add"),
            (Kind::Machines, true, "vms", "edit"),
            (Kind::Hosts, true, "hosts", "edit"),
            // It went away since the plan.
            (Kind::Machines, true, "new", "add"),
            (Kind::Machines, false, "vms", "terraform import <address> 'domain-c7:vms'"),
            (Kind::Machines, false, "hosts", "already the group of hosts \"hosts\""),
            // A group of the other kind was created in its place.
            (Kind::Hosts, true, "vms", "already the group of virtual machines \"vms\""),
        ] {
            let group = kind.group(name, vec![]);
            let done = match change(&cluster(), kind, ours, "domain-c7", name, group) {
                Ok(Change::Group(Update::Add(_))) => "add".to_owned(),
                Ok(Change::Group(Update::Edit(_))) => "edit".to_owned(),
                Ok(other) => format!("{other:?}"),
                Err(e) => e.to_string(),
            };
            assert!(done.contains(expected), "{kind:?} {ours} {name}: {done}");
        }
    }

    #[test]
    fn groups_are_found_among_their_kind() {
        let at = GroupHead::NAME;
        assert!(Kind::Machines.find(&cluster(), "vms", at, "").is_ok());
        let problems = Kind::Machines.find(&cluster(), "hosts", at, "").unwrap_err().to_string();
        assert!(problems.contains("There are:") && problems.contains("\"vms\""), "{problems}");
        let problems = Kind::Hosts.find(&Cluster::default(), "hosts", at, REFER).unwrap_err().to_string();
        assert!(problems.contains("has no group of hosts") && problems.contains(REFER), "{problems}");
    }

    #[test]
    fn hosts_are_those_of_the_cluster() {
        let ids = |ids: &[&str]| ids.iter().map(|i| (*i).to_owned()).collect::<BTreeSet<_>>();
        let at = Field("host_system_ids");
        assert_eq!(hosts(&cluster(), &ids(&["host-2"]), at).unwrap(), [MoRef::new("HostSystem", "host-2")]);
        let problems = hosts(&cluster(), &ids(&["host-2", "host-3", "host-4"]), at).unwrap_err();
        assert_eq!(problems.0.len(), 2, "{problems}");
    }
}
