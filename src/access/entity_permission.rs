//! `vsphere_entity_permission`
use crate::access::grants::Granted;
use crate::access::grants::Grants;
use crate::access::permissions::{self, same_principal};
use crate::common::entity::{self, planned_type};
use crate::common::resolve;
use crate::fault::no_attribute;
use crate::plan_registry::Planned;
use crate::vsphere::Vsphere;
use serde_json::Value as Json;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value,
};
use vsphere_client::{FaultKind, MoRef, Permission, Principal};

/// Manages the permission of one principal on one entity, without changing other permissions on the entity.
///
/// vCenter keeps one permission per principal and entity. If two resources declare a permission for the same principal
/// on the same entity, the plan reports an error. `DOMAIN\user` and `user@domain` are the same principal.
///
/// Permissions cannot be set on the four root folders of a datacenter, on the root resource pool of a cluster or host,
/// or on a standalone host. These objects always have the permissions of their parent object: the datacenter, the
/// cluster or the host's compute resource.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_entity_permission", category = "Security")]
pub struct EntityPermissionModel {
    /// The ID of the permission, in the form `Type:moid:principal`, followed by `:group` for a group.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the entity, such as `group-v3`. Use `root` for the root folder of vCenter. If
    /// `entity_type` is set, the UUID of a distributed switch and the BIOS UUID or instance UUID of a virtual machine
    /// are also accepted.
    #[tf(required, force_new, form = entity::id)]
    pub entity_id: Value<String>,
    /// The type of the entity, such as `Folder`. Can be omitted if the managed object ID identifies the type, as
    /// `group-v3` does.
    #[tf(
        optional,
        computed,
        force_new,
        one_of_in = entity::TYPES
    )]
    pub entity_type: Value<String>,
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
    /// Whether the permission propagates to the objects below the entity.
    #[tf(optional, default = true)]
    pub propagate: Value<bool>,
    /// Whether to allow a change that removes the last permission with the Administrator role from the root folder.
    #[tf(optional)]
    pub allow_lockout: Value<bool>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct EntityPermission;

type M = EntityPermissionModel;

/// Where the principal's name is kept as vCenter has stored it.
const STORED: &str = "stored";

impl M {
    async fn entity(&self, vsphere: &Vsphere) -> Result<MoRef> {
        let ty = self.entity_type.known().map(String::as_str);
        resolve::resolve(vsphere, self.entity_id.as_str(), ty, Self::ENTITY_ID, Self::ENTITY_TYPE).await
    }

    /// The entity of a state; `None` if its name shows that it does not exist.
    async fn existing(&self, vsphere: &Vsphere) -> Result<Option<MoRef>> {
        let ty = self.entity_type.known().map(String::as_str);
        resolve::existing(vsphere, self.entity_id.as_str(), ty, Self::ENTITY_ID, Self::ENTITY_TYPE).await
    }

    fn permission(&self, entity: &MoRef) -> Result<Permission> {
        Ok(Permission {
            entity: Some(entity.clone()),
            principal: self.user_or_group.get(),
            is_group: self.is_group.get(),
            role_id: permissions::role_id(self.role_id.as_str(), Self::ROLE_ID)?,
            propagate: self.propagate.get(),
        })
    }

    /// A sentence part: "the permission of X on Y".
    async fn title(&self, vsphere: &Vsphere, entity: &MoRef) -> String {
        let place = permissions::place(vsphere, entity).await;
        format!("the permission of {} on {place}", self.user_or_group.as_str())
    }
}

fn id(entity: &MoRef, principal: &str, is_group: bool) -> String {
    let suffix = if is_group { ":group" } else { "" };
    format!("{}:{}:{}{suffix}", entity.ty, entity.id, Principal::new(principal).canonical())
}

impl Resource for EntityPermission {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the type and managed object ID of the entity and the principal, such as Folder:group-v3:CORP\\ann, or by \
                                  the inventory path and the principal, such as /dc1/vm/web:CORP\\ann; with :group behind it for a group";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        if let (Some(vsphere), Some(prior), Some(id)) = (cx.client, cx.prior, planned.entity_id.known()) {
            let ty = cx.config.entity_type.known().map(String::as_str);
            let before = (prior.entity_id.as_str(), prior.entity_type.known().map(String::as_str));
            if prior.entity_id != planned.entity_id && resolve::same_entity(vsphere, before, (id, ty)).await {
                planned.copy_from(prior, &[M::ENTITY_ID, M::ENTITY_TYPE]);
                let entity = [M::ENTITY_ID.into(), M::ENTITY_TYPE.into()];
                cx.replace.retain(|path| !entity.contains(path));
            }
        }
        if cx.config.entity_type.is_null() && (cx.prior.is_none() || cx.is_replacement()) {
            planned.set(M::ENTITY_TYPE, planned_type(&planned.entity_id, &Value::Null));
        }
        let known = planned.entity_id.known().is_some() && planned.user_or_group.known().is_some();
        let Some(vsphere) = cx.client.filter(|_| known && planned.is_group.known().is_some()) else {
            return Ok(());
        };
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
        let entity = planned.entity(vsphere).await?;
        let how = Planned::of(cx);
        let principal = match (&stored, how) {
            (Some(stored), Planned::Kept | Planned::Replaced) => stored.clone(),
            (None, Planned::Kept) => planned.user_or_group.get(),
            _ => permissions::stored_name(vsphere, planned.user_or_group.as_str(), is_group).await,
        };
        let content = format!("{:?} {:?}", cx.config.role_id, planned.propagate);
        let claimed = permissions::claim(
            vsphere,
            Some(&entity),
            (&principal, is_group),
            how,
            &content,
            M::USER_OR_GROUP,
        )
        .await;
        match claimed {
            // What stays as it is, is not refused: the apply refuses the other one.
            Err(problems) if how == Planned::Kept && !cx.changed => cx.warnings.merge(problems.as_warnings()),
            claimed => claimed?,
        }
        if !cx.changed {
            return Ok(());
        }
        permissions::planned(vsphere, &entity, M::ENTITY_ID).await?;
        if how != Planned::Kept
            && let Some((summary, detail)) = permissions::check_entity(vsphere, &entity, M::ENTITY_ID).await?
        {
            cx.warn(M::ENTITY_ID, summary, detail);
        }
        if planned.role_id.known().is_none() {
            return Ok(());
        }
        let wanted = planned.permission(&entity)?;
        if cx.prior.is_none_or(|p| p.role_id != planned.role_id) {
            permissions::check_role(vsphere, wanted.role_id, M::ROLE_ID).await?;
        }
        // A warning only: the other permission may be revoked before the apply, which refuses to replace it.
        if how == Planned::Created
            && let Err(problems) = refuse_foreign(vsphere, &entity, &wanted).await
        {
            cx.warnings.merge(problems.as_warnings());
        }
        let wanted = Permission { principal, ..wanted };
        permissions::guard(vsphere, &entity, &[wanted], &[], planned.allow_lockout.get()).await
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        let Some(entity) = state.existing(vsphere).await? else { return Ok(Diagnostics::default()) };
        let mut revoked = state.permission(&entity)?;
        if let Some(stored) = cx.private(STORED).and_then(Json::as_str) {
            stored.clone_into(&mut revoked.principal);
        }
        permissions::guard(vsphere, &entity, &[], &[revoked], state.allow_lockout.get()).await?;
        Ok(Diagnostics::default())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let entity = plan.entity(vsphere).await?;
        let wanted = plan.permission(&entity)?;
        let mut turn = vsphere.run::<Grants>().turn(&entity).await;
        if refuse_foreign(vsphere, &entity, &wanted).await? {
            let summary = format!("Took over {}", plan.title(vsphere, &entity).await);
            cx.warn(AttributePath::root(), summary, permissions::TAKEN_OVER);
        }
        let stored = set(cx, &plan, &entity, wanted, &mut turn).await?;
        let id = id(&entity, &stored, plan.is_group.get());
        Ok(M { id: id.into(), entity_type: entity.ty.to_string().into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(entity) = state.existing(vsphere).await? else { return Ok(None) };
        let Some(all) = permissions::direct(vsphere, &entity).await? else { return Ok(None) };
        let Some(p) = held(cx, &state, &all).await else { return Ok(None) };
        let name = state.user_or_group.get();
        // The words of the configuration, where vCenter has others.
        let user_or_group = if named_alike(&p.principal, &name) { p.principal.clone() } else { name };
        Ok(Some(M {
            id: id(&entity, &p.principal, p.is_group).into(),
            entity_type: entity.ty.to_string().into(),
            user_or_group: user_or_group.into(),
            is_group: p.is_group.into(),
            role_id: p.role_id.to_string().into(),
            propagate: p.propagate.into(),
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let entity = plan.entity(vsphere).await?;
        let wanted = plan.permission(&entity)?;
        set(cx, &plan, &entity, wanted, &mut *vsphere.run::<Grants>().turn(&entity).await).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let Some(entity) = state.existing(vsphere).await? else { return Ok(()) };
        let turn = vsphere.run::<Grants>().turn(&entity).await;
        let Some(all) = permissions::direct(vsphere, &entity).await? else { return Ok(()) };
        // The vCenter's own spelling: it compares names as texts.
        let Some(p) = held(cx, &state, &all).await else { return Ok(()) };
        if turn.has(&p) {
            return Ok(());
        }
        let p = [p];
        permissions::guard(vsphere, &entity, &[], &p, state.allow_lockout.get()).await?;
        let left = permissions::revoke(vsphere, &entity, &p).await?;
        if !left.is_empty() {
            let (summary, detail) = permissions::global(&left);
            cx.warn(AttributePath::root(), summary, detail);
        }
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let Some((place, principal, group)) = parts(id) else {
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("{id:?} does not name a permission"),
                "",
            ));
        };
        let entity = match place {
            Place::Path(path) => resolve::object_at(vsphere, path).await?,
            Place::Object(ty, id) => {
                resolve::resolve(vsphere, id, Some(ty), M::ENTITY_ID, M::ENTITY_TYPE).await?
            }
        };
        let all = permissions::planned(vsphere, &entity, M::ENTITY_ID).await?;
        let mut found = None;
        for is_group in group.map_or_else(|| vec![false, true], |g| vec![g]) {
            if found.is_none() {
                found = permissions::find(vsphere, &all, principal, is_group, None).await;
            }
        }
        let Some(p) = found else {
            let names: Vec<&str> = all.iter().map(|p| p.principal.as_str()).collect();
            let detail = permissions::holders(principal, &names, "It has no permissions of its own.");
            let place = permissions::place(vsphere, &entity).await;
            let summary = format!("{principal} has no permission on {place} itself");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        };
        Ok(M {
            entity_id: entity.id.to_string().into(),
            entity_type: entity.ty.to_string().into(),
            user_or_group: p.principal.clone().into(),
            is_group: p.is_group.into(),
            ..M::default()
        })
    }
}

/// The permission that a state is about.
async fn held(cx: &Cx<'_, EntityPermission>, state: &M, all: &[Permission]) -> Option<Permission> {
    let stored = cx.private(STORED);
    let stored = stored.as_ref().and_then(Json::as_str);
    permissions::find(cx.client(), all, state.user_or_group.as_str(), state.is_group.get(), stored).await
}

/// Whether two names are the same without a look-up.
fn named_alike(a: &str, b: &str) -> bool {
    Principal::new(a) == Principal::new(b)
}

/// Grants it; gives the principal's name as vCenter has stored it.
async fn set(
    cx: &Cx<'_, EntityPermission>,
    plan: &M,
    entity: &MoRef,
    wanted: Permission,
    turn: &mut Granted,
) -> Result<String> {
    let vsphere = cx.client();
    let before = permissions::direct(vsphere, entity).await?.unwrap_or_default();
    let ours = held(cx, plan, &before).await;
    let named = match &ours {
        Some(p) => Permission { principal: p.principal.clone(), ..wanted.clone() },
        None => wanted.clone(),
    };
    permissions::guard(vsphere, entity, std::slice::from_ref(&named), &[], plan.allow_lockout.get()).await?;
    let done = permissions::set(vsphere, entity, &before, std::slice::from_ref(&named), blame).await?;
    let stored = done.into_iter().next().unwrap_or(named);
    // vCenter knew the name as one that had a permission already, and the identity sources did not say so.
    let other = before.iter().find(|b| permissions::is_of(b, &stored.principal, stored.is_group));
    if let Some(other) = other.filter(|_| ours.is_none()) {
        permissions::set(vsphere, entity, &before, std::slice::from_ref(other), no_attribute).await?;
        return Err(foreign(vsphere, entity, other).await);
    }
    turn.note(&stored);
    cx.set_private(STORED, stored.principal.as_str().into());
    Ok(stored.principal)
}

/// Whether the very same grant is there already.
///
/// # Errors
/// The principal has another role there: granting would take that from it.
async fn refuse_foreign(vsphere: &Vsphere, entity: &MoRef, wanted: &Permission) -> Result<bool> {
    let all = permissions::direct(vsphere, entity).await?.unwrap_or_default();
    let Some(p) = permissions::find(vsphere, &all, &wanted.principal, wanted.is_group, None).await else {
        return Ok(false);
    };
    if (p.role_id, p.propagate) == (wanted.role_id, wanted.propagate) {
        return Ok(true);
    }
    Err(foreign(vsphere, entity, &p).await)
}

/// The error for a permission that already exists outside this resource.
async fn foreign(vsphere: &Vsphere, entity: &MoRef, p: &Permission) -> Diagnostics {
    let has = permissions::role_name(vsphere, p.role_id).await;
    let import = id(entity, &p.principal, p.is_group);
    let detail = format!(
        "It has the role {has} there, which this would replace. Import the permission (terraform import <address> \
         '{import}'), or revoke it first."
    );
    let place = permissions::place(vsphere, entity).await;
    Diagnostics::error(
        M::USER_OR_GROUP,
        format!("{} already has a permission on {place}", p.principal),
        detail,
    )
}

enum Place<'a> {
    Path(&'a str),
    Object(&'a str, &'a str),
}

/// `Type:moid:principal[:group]` or `/path:principal[:group]` in its parts.
fn parts(id: &str) -> Option<(Place<'_>, &str, Option<bool>)> {
    let (rest, group) = match id.rsplit_once(':') {
        Some((rest, "group" | "true")) => (rest, Some(true)),
        Some((rest, "user" | "false")) => (rest, Some(false)),
        _ => (id, None),
    };
    let (place, principal) = rest.rsplit_once(':')?;
    if principal.is_empty() {
        return None;
    }
    if place.starts_with('/') {
        return Some((Place::Path(place), principal, group));
    }
    let (ty, id) = place.split_once(':')?;
    Some((Place::Object(ty, id), principal, group))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::UserNotFound { .. } => Some(M::USER_OR_GROUP),
        FaultKind::NotFound => Some(M::ROLE_ID),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::ENTITY_ID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_ids_fall_into_parts() {
        for (id, place, principal, group) in [
            ("Folder:group-v3:CORP\\ann", "Folder:group-v3", "CORP\\ann", None),
            ("Folder:group-v3:devs@corp:group", "Folder:group-v3", "devs@corp", Some(true)),
            ("Folder:group-v3:ann:false", "Folder:group-v3", "ann", Some(false)),
            ("/dc1/vm/a:ann@corp", "/dc1/vm/a", "ann@corp", None),
            ("/:ann@corp:user", "/", "ann@corp", Some(false)),
        ] {
            let (p, who, g) = parts(id).unwrap();
            let shown = match p {
                Place::Path(p) => p.to_owned(),
                Place::Object(t, i) => format!("{t}:{i}"),
            };
            assert_eq!((shown.as_str(), who, g), (place, principal, group), "{id}");
        }
        assert!(parts("ann").is_none() && parts("Folder:group-v3").is_none());
    }
}
