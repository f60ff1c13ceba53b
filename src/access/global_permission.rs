//! `vsphere_global_permission`
use crate::access::permissions::{self, same_principal};
use crate::fault::{Doing, in_words, or_absent};
use crate::plan_registry::Planned;
use crate::vsphere::Vsphere;
use serde_json::Value as Json;
use std::sync::Arc;
use tf_framework::{AttributePath, Cx, DestroyCx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::global_permission::GlobalPermission as Found;
use vsphere_client::{Error, Permission, Principal};

/// Manages the global permission of one principal, without changing other global permissions.
///
/// A global permission belongs to no entity. If it propagates, it applies to all objects of the vCenter Server system,
/// including those that are not in the inventory, such as tags and content libraries. The interface for global
/// permissions is documented since vSphere 9.0. On earlier versions, the resource uses a service that VMware has
/// deprecated, which not every version has. If vCenter has neither, use `vsphere_entity_permission` with
/// `entity_id = "root"`, which applies to the objects of the inventory.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_global_permission", category = "Security")]
pub struct GlobalPermissionModel {
    /// The ID of the permission: the principal as `name@domain`, followed by `:group` for a group.
    #[tf(computed)]
    pub id: Value<String>,
    /// The user or group, as `DOMAIN\name` or `name@domain`. If the domain is omitted or is an alias, vCenter resolves
    /// the name against its identity sources.
    #[tf(required, force_new, same = same_principal, check = permissions::principal)]
    pub user_or_group: Value<String>,
    /// Whether `user_or_group` is a group.
    #[tf(optional, force_new, default = false)]
    pub is_group: Value<bool>,
    /// The ID of the role.
    #[tf(required, form = permissions::role)]
    pub role_id: Value<String>,
    /// Whether the permission propagates to all objects.
    #[tf(optional, default = true)]
    pub propagate: Value<bool>,
    /// Whether to allow a change after which no principal has the Administrator role, with propagation, as a global
    /// permission or on the root folder.
    #[tf(optional)]
    pub allow_lockout: Value<bool>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct GlobalPermission;

type M = GlobalPermissionModel;

/// Where the principal's name is kept as vCenter has stored it.
const STORED: &str = "stored";

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the global permission of {}", self.user_or_group.as_str())
    }

    fn permission(&self) -> Result<Permission> {
        Ok(Permission {
            entity: None,
            principal: self.user_or_group.get(),
            is_group: self.is_group.get(),
            role_id: permissions::role_id(self.role_id.as_str(), Self::ROLE_ID)?,
            propagate: self.propagate.get(),
        })
    }

    /// The permission, as vCenter has it.
    async fn find(&self, vsphere: &Vsphere, all: &[Found], stored: Option<&str>) -> Option<Found> {
        let plain = plain(all);
        let (name, is_group) = (self.user_or_group.as_str(), self.is_group.get());
        let p = permissions::find(vsphere, &plain, name, is_group, stored).await?;
        all.iter().find(|f| f.permission == p).cloned()
    }
}

fn plain(all: &[Found]) -> Vec<Permission> {
    all.iter().map(|f| f.permission.clone()).collect()
}

fn id(principal: &str, is_group: bool) -> String {
    let suffix = if is_group { ":group" } else { "" };
    format!("{}{suffix}", Principal::new(principal).canonical())
}

/// The principal, and whether it is a group, where the ID says so. Pure.
fn parts(id: &str) -> (&str, Option<bool>) {
    match id.rsplit_once(':') {
        Some((name, "group")) => (name, Some(true)),
        Some((name, "user")) => (name, Some(false)),
        _ => (id, None),
    }
}

async fn list(vsphere: &Vsphere) -> Result<Arc<[Found]>> {
    let read = vsphere.api.authorization().global_permissions().await;
    match read {
        Err(e) if e.is_not_found() => {
            let detail = "Its version has no interface for them. Use `vsphere_entity_permission` with `entity_id = \"root\"` and \
                          `propagate = true`, which applies to all objects of the inventory.";
            let summary = "vCenter has no interface for global permissions";
            Err(Diagnostics::error(AttributePath::root(), summary, detail))
        }
        read => read.doing("list the global permissions"),
    }
}

/// Refuses a change that leaves vCenter without an administrator.
async fn guard(
    vsphere: &Vsphere,
    all: &[Found],
    set: &[Permission],
    removed: &[Permission],
    allowed: bool,
) -> Result<()> {
    if allowed {
        return Ok(());
    }
    let mut now = plain(all);
    // The root folder may show the global permissions, too.
    let root = permissions::direct(vsphere, &vsphere.api.root_folder()).await?.unwrap_or_default();
    now.extend(root.into_iter().map(|p| Permission { entity: None, ..p }));
    permissions::refuse_lockout(&now, &permissions::after(&now, set, removed))
}

/// The error for a global permission that already exists outside this resource.
async fn foreign(vsphere: &Vsphere, p: &Permission) -> Diagnostics {
    let has = permissions::role_name(vsphere, p.role_id).await;
    let detail = format!(
        "It has the role {has}, which this would replace. Import the permission (terraform import <address> '{}'), or \
         revoke it first.",
        id(&p.principal, p.is_group)
    );
    Diagnostics::error(M::USER_OR_GROUP, format!("{} already has a global permission", p.principal), detail)
}

/// Whether the very same grant exists already.
///
/// # Errors
/// The principal has another role: granting would take that from it.
async fn refuse_foreign(vsphere: &Vsphere, found: Option<&Found>, wanted: &Permission) -> Result<bool> {
    match found.map(|f| &f.permission) {
        None => Ok(false),
        Some(p) if (p.role_id, p.propagate) == (wanted.role_id, wanted.propagate) => Ok(true),
        Some(p) => Err(foreign(vsphere, p).await),
    }
}

/// What vCenter refuses, with the attribute that it is about.
fn refused(done: vsphere_client::Result<()>, doing: &str) -> Result<()> {
    match &done {
        Err(e @ Error::Rest { kind, .. }) if kind == "RESOURCE_BUSY" => {
            let detail = format!("{} Grant another principal the role Administrator first.", in_words(e));
            Err(Diagnostics::error(AttributePath::root(), format!("Unable to {doing}"), detail))
        }
        // The role exists: the plan has looked for it.
        Err(e @ Error::Rest { kind, .. }) if kind == "INVALID_ARGUMENT" => {
            Err(Diagnostics::error(M::USER_OR_GROUP, format!("Unable to {doing}"), in_words(e)))
        }
        _ => done.doing(doing),
    }
}

impl Resource for GlobalPermission {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str =
        "the principal, such as CORP\\ann or ann@corp; with :group behind it for a group";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let known = planned.user_or_group.known().is_some() && planned.is_group.known().is_some();
        let Some(vsphere) = cx.client.filter(|_| known) else { return Ok(()) };
        let is_group = planned.is_group.get();
        let stored = cx.private(STORED).and_then(Json::as_str).map(str::to_owned);
        // Another name of the same principal, after an import for example.
        if let Some(prior) = cx.prior
            && prior.is_group == planned.is_group
        {
            let was = prior.user_or_group.as_str();
            let names = (was, planned.user_or_group.as_str(), stored.as_deref().unwrap_or(was));
            if permissions::is_renamed(vsphere, names, is_group).await {
                planned.copy_from(prior, &[M::USER_OR_GROUP]);
                cx.replace.retain(|path| *path != M::USER_OR_GROUP.into());
            }
        }
        let how = Planned::of(cx);
        let content = format!("{:?} {:?}", cx.config.role_id, planned.propagate);
        let who = (planned.user_or_group.as_str(), is_group);
        let claimed = permissions::claim(vsphere, None, who, how, &content, M::USER_OR_GROUP).await;
        match claimed {
            // What stays as it is, is not refused: the apply refuses the other one.
            Err(problems) if how == Planned::Kept && !cx.changed => cx.warnings.merge(problems.as_warnings()),
            claimed => claimed?,
        }
        if !cx.changed || planned.role_id.known().is_none() || planned.propagate.known().is_none() {
            return Ok(());
        }
        let wanted = planned.permission()?;
        if cx.prior.is_none_or(|p| p.role_id != planned.role_id) {
            permissions::check_role(vsphere, wanted.role_id, M::ROLE_ID).await?;
        }
        let all = list(vsphere).await?;
        let stored = stored.as_deref().filter(|_| how == Planned::Kept);
        let found = planned.find(vsphere, &all, stored).await;
        // A warning only: the other permission may be revoked before the apply, which refuses to replace it.
        if how == Planned::Created
            && let Err(problems) = refuse_foreign(vsphere, found.as_ref(), &wanted).await
        {
            cx.warnings.merge(problems.as_warnings());
        }
        let principal = found.map_or(wanted.principal.clone(), |f| f.permission.principal);
        let set = [Permission { principal, ..wanted }];
        guard(vsphere, &all, &set, &[], planned.allow_lockout.get()).await
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        // What cannot be read is reported by the destruction itself.
        let Ok(all) = list(vsphere).await else { return Ok(Diagnostics::default()) };
        let stored = cx.private(STORED).and_then(Json::as_str);
        if let Some(found) = state.find(vsphere, &all, stored).await {
            guard(vsphere, &all, &[], &[found.permission], state.allow_lockout.get()).await?;
        }
        Ok(Diagnostics::default())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let mut wanted = plan.permission()?;
        let all = list(vsphere).await?;
        let found = plan.find(vsphere, &all, None).await;
        if refuse_foreign(vsphere, found.as_ref(), &wanted).await? {
            cx.warn(AttributePath::root(), format!("Took over {}", plan.title()), permissions::TAKEN_OVER);
        }
        let stored = match found {
            Some(found) => found.permission.principal,
            None => {
                wanted.principal =
                    permissions::stored_name(vsphere, &wanted.principal, wanted.is_group).await;
                let done = vsphere.api.authorization().add_global_permission(&wanted).await;
                match done {
                    // The identity sources did not name it as vCenter has stored it.
                    Err(Error::Rest { kind, .. }) if kind == "ALREADY_EXISTS" => {
                        return Err(foreign(vsphere, &wanted).await);
                    }
                    done => refused(done, &format!("grant {}", plan.title()))?,
                }
                wanted.principal
            }
        };
        let id = id(&stored, plan.is_group.get());
        cx.set_private(STORED, stored.into());
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let all = list(vsphere).await?;
        let stored = cx.private(STORED);
        let found = state.find(vsphere, &all, stored.as_ref().and_then(Json::as_str)).await;
        Ok(found.map(|Found { permission: p, .. }| M {
            id: id(&p.principal, p.is_group).into(),
            role_id: p.role_id.to_string().into(),
            propagate: p.propagate.into(),
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let wanted = plan.permission()?;
        let all = list(vsphere).await?;
        let (stored, doing) = (cx.private(STORED), format!("change {}", plan.title()));
        let api = vsphere.api.authorization();
        let Some(found) = plan.find(vsphere, &all, stored.as_ref().and_then(Json::as_str)).await else {
            // It was revoked since the plan.
            refused(api.add_global_permission(&wanted).await, &doing)?;
            return Ok(plan);
        };
        let wanted = Permission { principal: found.permission.principal.clone(), ..wanted };
        guard(vsphere, &all, std::slice::from_ref(&wanted), &[], plan.allow_lockout.get()).await?;
        if wanted != found.permission {
            refused(api.update_global_permission(&found, &wanted).await, &doing)?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let all = list(vsphere).await?;
        let stored = cx.private(STORED);
        let Some(found) = state.find(vsphere, &all, stored.as_ref().and_then(Json::as_str)).await else {
            return Ok(());
        };
        let removed = std::slice::from_ref(&found.permission);
        guard(vsphere, &all, &[], removed, state.allow_lockout.get()).await?;
        let done = vsphere.api.authorization().remove_global_permission(&found.id).await;
        refused(or_absent(done).map(drop), &format!("revoke {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let all = list(vsphere).await?;
        let (name, group) = parts(id);
        for is_group in group.map_or_else(|| vec![false, true], |g| vec![g]) {
            let model = M { user_or_group: name.into(), is_group: is_group.into(), ..M::default() };
            if let Some(found) = model.find(vsphere, &all, None).await {
                return Ok(M { user_or_group: found.permission.principal.into(), ..model });
            }
        }
        let names: Vec<&str> = all.iter().map(|f| f.permission.principal.as_str()).collect();
        let detail = permissions::holders(name, &names, "There are no global permissions.");
        Err(Diagnostics::error(AttributePath::root(), format!("{name} has no global permission"), detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_ids_fall_into_parts() {
        for (id, name, group) in [
            ("CORP\\ann", "CORP\\ann", None),
            ("devs@corp:group", "devs@corp", Some(true)),
            ("ann@corp:user", "ann@corp", Some(false)),
        ] {
            assert_eq!(parts(id), (name, group));
        }
    }

    #[test]
    fn ids_do_not_depend_on_the_spelling() {
        assert_eq!(id("CORP\\Devs", true), "devs@corp:group");
        assert_eq!(id("devs@corp", false), "devs@corp");
    }
}
