//! `vsphere_sso_group_member`
use crate::access::sso;
use crate::access::sso_group::{add, noun};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::same::ignore_case;
use tf_framework::{AttributePath, Cx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::sso::{MemberKind, PrincipalId};

/// Manages a single member of a group in the local domain of vCenter Single Sign-On. Other members of the group are not
/// managed.
///
/// If the user or group is already a member, the resource adopts the membership, and removes it when the resource is
/// destroyed. A `vsphere_sso_group` resource for the same group must have `ignore_changes = [member_user,
/// member_group]` in its `lifecycle` block. The user that the provider connects as must be an administrator of vCenter
/// Single Sign-On.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_sso_group_member", category = "Security")]
pub struct SsoGroupMemberModel {
    /// The ID of the membership: `<group>:<name>@<domain>`, followed by `:group` if the member is a group.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the group to which to add the member, without the domain.
    #[tf(required, force_new, same = ignore_case, pattern(r"\S", "a name that is not blank"))]
    pub group: Value<String>,
    /// The name of the member, without the domain.
    #[tf(required, force_new, same = ignore_case, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The domain of the member: the local domain or the domain of another identity source. Defaults to the local
    /// domain, such as `vsphere.local`.
    #[tf(optional, computed, force_new, same = ignore_case)]
    pub domain: Value<String>,
    /// Whether the member is a group instead of a user.
    #[tf(optional, force_new, default = false)]
    pub is_group: Value<bool>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct SsoGroupMember;

type M = SsoGroupMemberModel;

impl M {
    fn kind(&self) -> MemberKind {
        if self.is_group.get() { MemberKind::Group } else { MemberKind::User }
    }

    async fn group_id(&self, vsphere: &Vsphere) -> Result<PrincipalId> {
        sso::of_name(vsphere, self.group.as_str(), "").await
    }

    async fn member_id(&self, vsphere: &Vsphere) -> Result<PrincipalId> {
        sso::of_name(vsphere, self.name.as_str(), self.domain.as_str()).await
    }

    /// The member as vCenter returns it; `None` if it is not in the group, or if there is no such group.
    async fn find(&self, vsphere: &Vsphere) -> Result<Option<PrincipalId>> {
        let (api, group, member) =
            (vsphere.api.sso(), self.group_id(vsphere).await?, self.member_id(vsphere).await?);
        let doing = format!("read the members of SSO group `{group}`");
        if api.group(&group).await.doing(&doing)?.is_none() {
            return Ok(None);
        }
        let members = api.members(&group, self.kind()).await.doing(&doing)?;
        Ok(members.into_iter().find(|m| *m == member))
    }
}

fn id(group: &str, member: &PrincipalId, kind: MemberKind) -> String {
    let suffix = if kind == MemberKind::Group { ":group" } else { "" };
    format!("{group}:{member}{suffix}")
}

/// The group, the member, and whether that is a group. Pure.
fn parts(id: &str) -> Option<(&str, &str, bool)> {
    let (rest, is_group) = match id.rsplit_once(':') {
        Some((rest, "group")) => (rest, true),
        Some((rest, "user")) => (rest, false),
        _ => (id, false),
    };
    let (group, member) = rest.split_once(':')?;
    (!group.is_empty() && !member.is_empty()).then_some((group, member, is_group))
}

impl Resource for SsoGroupMember {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the group and the member, such as Administrators:ann@vsphere.local; with :group behind it for a group";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        if (cx.prior.is_none() || cx.is_replacement())
            && cx.config.domain.is_null()
            && let Some(local) = sso::planned_domain(cx.client).await?
        {
            planned.set(M::DOMAIN, local.into());
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (group, member) = (plan.group_id(vsphere).await?, plan.member_id(vsphere).await?);
        let found = vsphere.api.sso().group(&group).await.doing(format!("look up SSO group `{group}`"))?;
        if found.is_none() {
            return Err(sso::not_found(M::GROUP, "group", &group, &sso::domain(vsphere).await?));
        }
        add(vsphere, &group, plan.kind(), std::slice::from_ref(&member), M::NAME).await?;
        let id = id(plan.group.as_str(), &member, plan.kind());
        Ok(M { id: id.into(), domain: member.domain.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let found = state.find(cx.client()).await?;
        Ok(found.map(|member| M { name: member.name.into(), domain: member.domain.into(), ..state }))
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        // Every change is a new membership.
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let (group, member) = (state.group_id(vsphere).await?, state.member_id(vsphere).await?);
        let done =
            vsphere.api.sso().remove_members(&group, state.kind(), std::slice::from_ref(&member)).await;
        done.doing(format!("remove {} `{member}` from SSO group `{group}`", noun(state.kind())))
    }

    async fn import(&self, cx: &Cx<'_, Self>, import_id: &str) -> Result<M> {
        let vsphere = cx.client();
        let Some((group, member, is_group)) = parts(import_id) else {
            let detail = format!("`{import_id}` does not have the name of a group and a member.");
            return Err(Diagnostics::error(AttributePath::root(), "Invalid import ID", detail));
        };
        let member = sso::of_id(vsphere, member).await?;
        let model = M {
            group: sso::parts(group).0.into(),
            name: member.name.into(),
            domain: member.domain.into(),
            is_group: is_group.into(),
            ..M::default()
        };
        let Some(found) = model.find(vsphere).await? else {
            let detail = "Leave the import out to put it there.";
            let summary = format!(
                "{} {}@{} is not in the SSO group `{}`",
                noun(model.kind()),
                model.name.as_str(),
                model.domain.as_str(),
                model.group.as_str()
            );
            return Err(Diagnostics::error(AttributePath::root(), crate::fault::capital(&summary), detail));
        };
        Ok(M { id: id(model.group.as_str(), &found, model.kind()).into(), ..model })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_ids_fall_into_parts() {
        for (given, expected) in [
            ("admins:ann@vsphere.local", Some(("admins", "ann@vsphere.local", false))),
            ("admins:ann", Some(("admins", "ann", false))),
            ("admins:CORP\\team:group", Some(("admins", "CORP\\team", true))),
            ("admins:ann@corp.example:user", Some(("admins", "ann@corp.example", false))),
            ("admins", None),
            (":ann", None),
        ] {
            assert_eq!(parts(given), expected, "{given}");
        }
        let member = PrincipalId::new("team", "corp.example");
        assert_eq!(id("admins", &member, MemberKind::Group), "admins:team@corp.example:group");
        assert_eq!(id("admins", &member, MemberKind::User), "admins:team@corp.example");
    }
}
