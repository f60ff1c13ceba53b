//! `vsphere_role`
pub mod data_source;
mod privileges;

use crate::common::adopt::create_or_adopt_named;
use crate::fault::{Doing, or_absent};
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::FaultKind;

/// Manages a role: a named set of privileges that permissions grant to users and groups.
///
/// vCenter adds `System.Anonymous`, `System.Read` and `System.View` to every role, so it makes no difference whether
/// the configuration lists them. The plan reports an unknown privilege as an error and suggests the most similar known
/// privilege.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_role", category = "Security")]
pub struct RoleModel {
    /// The ID of the role, such as `-709298051`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the role.
    #[tf(required, length(1, 255))]
    pub name: Value<String>,
    /// The IDs of the privileges, such as `VirtualMachine.State.CreateSnapshot`. The order is not significant.
    #[tf(optional, same = privileges::same)]
    pub role_privileges: Value<Vec<String>>,
    /// The privilege groups to include in addition to `role_privileges`. For example, `VirtualMachine.Config` includes
    /// every privilege that vCenter has in this group and in the groups below it.
    #[tf(optional)]
    pub privilege_groups: Value<BTreeSet<String>>,
    /// Whether to ignore privileges and privilege groups that vCenter does not have, with a warning. Useful if the same
    /// configuration is applied to different versions of vCenter.
    #[tf(optional, unstored)]
    pub ignore_unknown_privileges: Value<bool>,
    /// The label of the role, as shown in the vSphere Client.
    #[tf(computed)]
    pub label: Value<String>,
}

impl RoleModel {
    fn role_id(&self) -> Result<i32> {
        self.id.as_str().parse().map_err(|_| {
            let detail = format!("{:?} is not an integer, such as -709298051.", self.id.as_str());
            Diagnostics::error(Self::ID, "This is not the ID of a role", detail)
        })
    }
}

/// The resource.
#[derive(Debug, Default)]
pub struct Role;

/// The ids of all privileges that the vCenter knows.
async fn known(vsphere: &Vsphere) -> Result<Vec<String>> {
    let all = vsphere.api.authorization().privileges().await;
    let all = all.doing("list the privileges of the vCenter")?;
    Ok(all.iter().map(|p| p.id.clone()).collect())
}

fn borrowed(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

/// The privileges that the role shall hold.
async fn wanted(vsphere: &Vsphere, plan: &RoleModel) -> Result<Vec<String>> {
    let known = known(vsphere).await?;
    Ok(privileges::wanted(&plan.role_privileges.get(), &plan.privilege_groups.get(), &borrowed(&known)))
}

impl Resource for Role {
    type Model = RoleModel;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID, such as -709298051, or by the name";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, RoleModel>) -> Result<()> {
        if cx.prior.is_some_and(|p| p.name != planned.name) {
            // vCenter makes the label from the name.
            planned.unknown(RoleModel::LABEL);
        }
        let Some(vsphere) = cx.client.filter(|_| cx.changed) else { return Ok(()) };
        let known = known(vsphere).await?;
        let (listed, groups) = (cx.config.role_privileges.get(), cx.config.privilege_groups.get());
        let unknown = privileges::unknown(&listed, &groups, &borrowed(&known));
        if let Some(prior) = cx.prior
            && cx.imported()
            && (unknown.is_empty() || cx.config.ignore_unknown_privileges.get())
            && !(cx.config.role_privileges.is_unknown() || cx.config.privilege_groups.is_unknown())
        {
            // An import finds the privileges of a role, and not what they stood for.
            let wanted = privileges::wanted(&listed, &groups, &borrowed(&known));
            let as_found = RoleModel {
                role_privileges: prior.role_privileges.clone(),
                privilege_groups: prior.privilege_groups.clone(),
                ..RoleModel::clone(planned)
            };
            if as_found == *prior && privileges::holds(&prior.role_privileges.get(), &wanted) {
                planned.copy_from(prior, &[RoleModel::ROLE_PRIVILEGES, RoleModel::PRIVILEGE_GROUPS]);
                *cx.keeps_undeclared = true;
                return Ok(());
            }
        }
        let mut problems = Diagnostics::default();
        let version = &vsphere.api.about().version;
        for u in unknown {
            let (at, what) = match u.index {
                Some(i) => (RoleModel::ROLE_PRIVILEGES.index(i), "privilege"),
                None => (RoleModel::PRIVILEGE_GROUPS.into(), "group of privileges"),
            };
            let summary = format!("Unknown {what} `{}`", u.id);
            let before = cx.prior.is_some_and(|p| {
                p.role_privileges.get().contains(&u.id) || p.privilege_groups.get().contains(&u.id)
            });
            if before {
                // What has not changed is not refused.
                let detail = format!("vCenter {version} does not have it.{}", u.hint);
                cx.warnings.merge(Diagnostics::warning(at, summary, detail));
            } else if cx.config.ignore_unknown_privileges.get() {
                let detail = format!("vCenter {version} does not have it: the role does without.{}", u.hint);
                cx.warnings.merge(Diagnostics::warning(at, summary, detail));
            } else {
                let detail = format!(
                    "vCenter {version} does not have it.{} To leave out what a vCenter does not know, set \
                     `ignore_unknown_privileges = true`.",
                    u.hint
                );
                problems.merge(Diagnostics::error(at, summary, detail));
            }
        }
        problems.into_result(())?;
        if let Some((role, system, advice)) = taken(vsphere, cx.prior, planned).await? {
            let summary = format!("There is a role `{role}` already");
            if system {
                return Err(Diagnostics::error(RoleModel::NAME, summary, advice));
            }
            // No error: the role of that name may be one that this very run renames or destroys.
            cx.warn(RoleModel::NAME, summary, advice);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: RoleModel) -> Result<RoleModel> {
        let (vsphere, name) = (cx.client(), plan.name.get());
        let privileges = wanted(vsphere, &plan).await?;
        let authorization = vsphere.api.authorization();
        let look = || async {
            let same = |r: &vsphere_client::Role| {
                // vCenter adds what every role has.
                !r.system && r.name == name && privileges.iter().all(|p| r.privileges.contains(p))
            };
            Ok(authorization.roles().await?.iter().find(|r| same(r)).map(|r| r.id))
        };
        let make = async { authorization.add_role(&name, &privileges).await };
        let id = create_or_adopt_named(cx, &format!("the role `{name}`"), look, make).await;
        let id = id.doing_to(format!("create the role `{name}`"), blame)?;
        Ok(RoleModel { id: id.to_string().into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: RoleModel) -> Result<Option<RoleModel>> {
        let (vsphere, id) = (cx.client(), state.role_id()?);
        let roles = vsphere.api.authorization().roles().await;
        let roles = roles.doing_to(format!("read the role `{}`", state.name.as_str()), blame)?;
        let found = roles.iter().find(|r| r.id == id);
        let by_name = || roles.iter().find(|r| !r.system && state.name.known() == Some(&r.name));
        if found.is_none()
            && let Some(role) = by_name()
        {
            let detail = format!(
                "It was {id} and is {} now: the role was deleted and created again outside Terraform.",
                role.id
            );
            cx.warn(RoleModel::ID, format!("The role `{}` has another ID", role.name), detail);
        }
        let Some(role) = found.or_else(by_name) else { return Ok(None) };
        let groups = state.privilege_groups.get();
        let ignored = state.ignore_unknown_privileges.get();
        // Only groups, and what is to be ignored, have to be compared with what the vCenter knows.
        let known = if groups.is_empty() && !ignored { vec![] } else { known(vsphere).await? };
        let listed = state.role_privileges.get();
        let (list, groups) =
            privileges::observed(&role.privileges, &listed, &groups, ignored, &borrowed(&known));
        Ok(Some(RoleModel {
            id: role.id.to_string().into(),
            name: role.name.clone().into(),
            role_privileges: list.into(),
            privilege_groups: state.privilege_groups.map(|_| groups),
            label: role.label.clone().into(),
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: RoleModel, plan: RoleModel) -> Result<RoleModel> {
        let (vsphere, name) = (cx.client(), plan.name.get());
        let privileges = wanted(vsphere, &plan).await?;
        let done = vsphere.api.authorization().update_role(plan.role_id()?, &name, &privileges).await;
        done.doing_to(format!("update the role `{name}`"), blame)?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: RoleModel) -> Result<()> {
        let (vsphere, id, name) = (cx.client(), state.role_id()?, state.name.get());
        let done = or_absent(vsphere.api.authorization().remove_role(id, true).await);
        if let Err(e) = &done
            && matches!(e.fault_kind(), Some(FaultKind::RemoveFailed | FaultKind::ResourceInUse { .. }))
        {
            let users = users_of(vsphere, id).await;
            let detail = format!(
                "It is granted to\n{users}\nRemove these permissions first. Those that Terraform manages are removed in \
                 time when they refer to the role by `vsphere_role.<name>.id`."
            );
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("The role `{name}` is in use"),
                detail,
            ));
        }
        done.doing_to(format!("delete the role `{name}`"), blame)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<RoleModel> {
        let vsphere = cx.client();
        let roles = vsphere.api.authorization().roles().await;
        let roles = roles.doing_to("list the roles", blame)?;
        let by_id = id.parse().ok().and_then(|id: i32| roles.iter().find(|r| r.id == id));
        match by_id.or_else(|| roles.iter().find(|r| r.name == id)) {
            Some(r) if r.system => {
                let detail = format!(
                    "{} belongs to vCenter; use the data source `vsphere_role` to refer to it.",
                    r.name
                );
                Err(Diagnostics::error(RoleModel::ID, "A system role cannot be managed", detail))
            }
            Some(r) => Ok(RoleModel { id: r.id.to_string().into(), ..RoleModel::default() }),
            None => {
                let near = crate::nearest::did_you_mean(id, roles.iter().map(|r| r.name.as_str()));
                Err(Diagnostics::error(
                    RoleModel::ID,
                    format!("The role {id:?} does not exist"),
                    near.trim_start(),
                ))
            }
        }
    }
}

/// The name, where another role has it, and what to do then: two roles cannot have one name.
async fn taken(
    vsphere: &Vsphere,
    prior: Option<&RoleModel>,
    planned: &RoleModel,
) -> Result<Option<(String, bool, String)>> {
    let Some(name) = planned.name.known().filter(|_| prior.is_none_or(|p| p.name != planned.name)) else {
        return Ok(None);
    };
    let roles = vsphere.api.authorization().roles().await;
    let roles = roles.doing_to("list the roles", blame)?;
    let own = prior.and_then(|p| p.role_id().ok());
    let found = roles.iter().find(|r| r.name == *name && Some(r.id) != own);
    Ok(found.map(|role| {
        let advice = if role.system {
            "It is one of vCenter's own. Choose another name.".to_owned()
        } else {
            format!(
                "Unless this run renames or destroys it first, the apply will fail: choose another name, or import the \
                 role (terraform import <address> {}).",
                role.id
            )
        };
        (name.clone(), role.system, advice)
    }))
}

/// Who has the role, a line each: principal, object.
async fn users_of(vsphere: &Vsphere, role: i32) -> String {
    let Ok(permissions) = vsphere.api.authorization().role_permissions(role).await else {
        return "  (the permissions that use it cannot be listed)".into();
    };
    let mut lines = vec![];
    for p in permissions {
        let kind = if p.is_group { "group" } else { "user" };
        let object = match &p.entity {
            Some(e) => vsphere.api.find().path_of(e).await.unwrap_or_else(|_| e.to_string()),
            None => "an object".into(),
        };
        lines.push(format!("  {kind} {} on {object}", p.principal));
    }
    lines.sort();
    lines.join("\n")
}

/// Which attribute a fault is about.
fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::AlreadyExists { .. } | FaultKind::InvalidName { .. } => Some(RoleModel::NAME),
        FaultKind::InvalidArgument { .. } => Some(RoleModel::ROLE_PRIVILEGES),
        _ => None,
    }
}
