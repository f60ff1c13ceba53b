//! `vsphere_sso_group`
pub mod data_source;
mod members;
use crate::access::sso;
use crate::common::adopt::create_or_adopt;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use members::{Changes, changes};
use std::sync::Arc;
use tf_framework::same::ignore_case;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::sso::{MemberKind, PrincipalId};

/// Manages a group in the local domain of vCenter Single Sign-On, and its members.
///
/// The resource manages all members of the group: members that the configuration does not declare are removed, even if
/// there are no `member_user` or `member_group` blocks. To manage the members with `vsphere_sso_group_member` or in
/// other configurations, add `ignore_changes = [member_user, member_group]` to the `lifecycle` block. The user that the
/// provider connects as must be an administrator of vCenter Single Sign-On.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_sso_group", category = "Security")]
pub struct SsoGroupModel {
    /// The ID of the group, in the form `name@domain`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the group, without the domain.
    #[tf(required, force_new, same = ignore_case, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The domain of the group, which is the local domain, such as `vsphere.local`.
    #[tf(computed)]
    pub domain: Value<String>,
    /// The description of the group.
    #[tf(optional)]
    pub description: Value<String>,
    /// A member user, from any domain. Users that the configuration does not declare are
    /// removed from the group.
    #[tf(block, set)]
    pub member_user: Value<Vec<MemberModel>>,
    /// A member group, from any domain. Groups that the configuration does not declare are
    /// removed from the group.
    #[tf(block, set)]
    pub member_group: Value<Vec<MemberModel>>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct MemberModel {
    /// The name of the member, without the domain.
    #[tf(required, same = ignore_case, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The domain of the member: the local domain, such as `vsphere.local`, or the domain of another identity source.
    #[tf(required, same = ignore_case, pattern(r"\S", "a name that is not blank"))]
    pub domain: Value<String>,
}

impl From<&MemberModel> for PrincipalId {
    fn from(member: &MemberModel) -> Self {
        PrincipalId::new(member.name.get(), member.domain.get())
    }
}

impl From<PrincipalId> for MemberModel {
    fn from(id: PrincipalId) -> Self {
        MemberModel { name: id.name.into(), domain: id.domain.into() }
    }
}

/// The resource.
#[derive(Debug, Default)]
pub struct SsoGroup;

type M = SsoGroupModel;

/// The two kinds of members, in the order in which they are changed.
const KINDS: [MemberKind; 2] = [MemberKind::User, MemberKind::Group];

/// The attribute of a kind of members.
fn block(kind: MemberKind) -> Field {
    match kind {
        MemberKind::User => M::MEMBER_USER,
        MemberKind::Group => M::MEMBER_GROUP,
    }
}

/// A word for a member.
pub(crate) fn noun(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::User => "user",
        MemberKind::Group => "group",
    }
}

impl M {
    fn declared(&self, kind: MemberKind) -> &Value<Vec<MemberModel>> {
        match kind {
            MemberKind::User => &self.member_user,
            MemberKind::Group => &self.member_group,
        }
    }

    fn members(&self, kind: MemberKind) -> Vec<PrincipalId> {
        self.declared(kind).known().into_iter().flatten().map(PrincipalId::from).collect()
    }

    /// With the members of one kind that another model has.
    fn with_members_of(mut self, other: &M, kind: MemberKind) -> Self {
        match kind {
            MemberKind::User => self.member_user = other.member_user.clone(),
            MemberKind::Group => self.member_group = other.member_group.clone(),
        }
        self
    }

    /// Changes the members from those of `prior` to those of the plan. What is done is in the state if the rest fails.
    async fn apply_members(&self, cx: &Cx<'_, SsoGroup>, id: &PrincipalId, prior: &M) -> Result<()> {
        let (vsphere, mut done) = (cx.client(), self.clone());
        for kind in KINDS {
            done = done.with_members_of(prior, kind);
        }
        cx.checkpoint(&done);
        for kind in KINDS {
            let (before, wanted) = (prior.members(kind), self.members(kind));
            if before != wanted {
                let now = vsphere.api.sso().members(id, kind).await;
                let now = now.doing(format!("read the members of SSO group `{id}`"))?;
                let Changes { add: new, remove } = changes(&now, &before, &wanted);
                add(vsphere, id, kind, &new, block(kind)).await?;
                let removed = vsphere.api.sso().remove_members(id, kind, &remove).await;
                removed.doing_to(format!("remove members from SSO group `{id}`"), |_| Some(block(kind)))?;
            }
            done = done.with_members_of(self, kind);
            cx.checkpoint(&done);
        }
        Ok(())
    }
}

/// Adds members to a group. The error names those that do not exist.
pub(crate) async fn add(
    vsphere: &Vsphere,
    group: &PrincipalId,
    kind: MemberKind,
    new: &[PrincipalId],
    at: Field,
) -> Result<()> {
    let api = vsphere.api.sso();
    let Err(error) = api.add_members(&group.name, kind, new).await else { return Ok(()) };
    let mut missing = vec![];
    for member in new {
        // Where it cannot be looked up, the error of the call remains.
        if matches!(api.exists(member, kind).await, Ok(false)) {
            missing.push(format!("`{member}`"));
        }
    }
    let names: Vec<String> = new.iter().map(|member| format!("`{member}`")).collect();
    let doing = format!("add {} to SSO group `{group}`", names.join(", "));
    if missing.is_empty() {
        return Err(error).doing_to(doing, |_| Some(at));
    }
    let what = match missing.as_slice() {
        [one] => format!("The {} {one} does not exist.", noun(kind)),
        several => format!("These {}s do not exist: {}.", noun(kind), several.join(", ")),
    };
    let detail = format!(
        "{what} Check the name and the domain: the domain is that of an identity source of vCenter Single Sign-On."
    );
    Err(Diagnostics::error(at, format!("Unable to {doing}"), detail))
}

impl Resource for SsoGroup {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = sso::IMPORT;

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(local) = sso::planned_domain(cx.client).await? else { return Ok(()) };
        match cx.prior.filter(|_| !cx.is_replacement()) {
            None => planned.set(M::DOMAIN, local.into()),
            Some(prior) if cx.changed => {
                let action = format!("change SSO group `{}`", prior.id.as_str());
                sso::local_only(M::NAME, &action, prior.domain.as_str(), &local)?;
            }
            Some(_) => {}
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, local) = (&vsphere.api.sso(), sso::domain(vsphere).await?);
        let id = &PrincipalId::new(plan.name.as_str(), &local);
        if api.group(id).await.doing(format!("look up SSO group `{id}`"))?.is_some() {
            return Err(sso::exists(M::NAME, "group", id));
        }
        let make = async { api.create_group(&id.name, plan.description.as_str()).await };
        let after = |_: Arc<()>| async move { Ok(api.group(id).await?.map(|_| ())) };
        let title = format!("SSO group `{id}`");
        let done = create_or_adopt(cx, &title, async { Ok(()) }, make, after).await;
        done.doing_to(format!("create {title}"), |_| Some(M::NAME))?;
        let plan = M { id: id.to_string().into(), domain: local.into(), ..plan };
        plan.apply_members(cx, id, &M::default()).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let id = sso::of_id(vsphere, state.id.as_str()).await?;
        let api = vsphere.api.sso();
        let Some(group) = api.group(&id).await.doing(format!("read SSO group `{id}`"))? else {
            return Ok(None);
        };
        let (member_user, member_group) = members_of(vsphere, &group.id).await?;
        Ok(Some(M {
            name: group.id.name.into(),
            domain: group.id.domain.into(),
            description: group.description.into(),
            member_user,
            member_group,
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let id = sso::of_id(vsphere, prior.id.as_str()).await?;
        let local = sso::domain(vsphere).await?;
        // By its name alone, the group of the local domain would be changed.
        sso::local_only(M::NAME, &format!("change SSO group `{id}`"), &id.domain, &local)?;
        if prior.description.get() != plan.description.get() {
            let done = vsphere.api.sso().update_group(&id.name, plan.description.as_str()).await;
            done.doing_to(format!("change SSO group `{id}`"), |_| Some(M::DESCRIPTION))?;
        }
        plan.apply_members(cx, &id, &prior).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        sso::delete(cx.client(), state.id.as_str(), "group").await
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let id = sso::of_id(vsphere, id).await?;
        match vsphere.api.sso().group(&id).await.doing(format!("look up SSO group `{id}`"))? {
            Some(group) => Ok(M { id: group.id.to_string().into(), ..M::default() }),
            None => Err(sso::not_found(AttributePath::root(), "group", &id, &sso::domain(vsphere).await?)),
        }
    }
}

type Members = Value<Vec<MemberModel>>;

/// The users and the groups that are members of a group.
async fn members_of(vsphere: &Vsphere, id: &PrincipalId) -> Result<(Members, Members)> {
    let api = vsphere.api.sso();
    let found =
        futures_util::try_join!(api.members(id, MemberKind::User), api.members(id, MemberKind::Group));
    let (users, groups) = found.doing(format!("read the members of SSO group `{id}`"))?;
    let models = |all: Vec<PrincipalId>| all.into_iter().map(MemberModel::from).collect::<Vec<_>>().into();
    Ok((models(users), models(groups)))
}
