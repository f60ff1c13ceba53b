//! `vsphere_entity_permission`
use crate::common::entity::{self, planned_type};
use crate::common::permissions::{self, same_principal};
use crate::fault::{Explain, nobody, or_gone};
use crate::grants::Granted;
use crate::plan_registry::Planned;
use crate::vsphere::{Vsphere, whole};
use tf_framework::{Cx, DestroyCx, Diagnostics, Field, Model, PlanCx, Resource, Result, Value};
use vsphere_client::{FaultKind, MoRef, Permission, Principal};

/// Grants one role to one principal on one entity, and touches nobody else's permissions.
///
/// vSphere keeps one role for one principal on one entity. Two grants of one principal on one entity, in one
/// configuration, are an error of the plan. `DOMAIN\user` and `user@domain` are the same principal.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_entity_permission", category = "Security")]
pub struct EntityPermissionModel {
    /// What identifies the permission: `Type:moid:principal`, with `:group` behind it for a group.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object id of the entity, for example `group-v3`; `root` for the root folder, that is, the vCenter.
    /// A distributed switch can also be given by its UUID.
    #[tf(required, force_new, form = entity::id)]
    pub entity_id: Value<String>,
    /// The type of the entity, for example `Folder`. Seen from the id where that shows it.
    #[tf(
        optional,
        computed,
        force_new,
        one_of_in = entity::TYPES
    )]
    pub entity_type: Value<String>,
    /// The user or group, as `DOMAIN\name` or `name@domain`.
    #[tf(required, force_new, same = same_principal, check = permissions::principal)]
    pub user_or_group: Value<String>,
    /// Whether `user_or_group` is a group.
    #[tf(optional, force_new, default = false)]
    pub is_group: Value<bool>,
    /// The id of the role.
    #[tf(required, form = permissions::role)]
    pub role_id: Value<String>,
    /// Whether the role is granted on everything below the entity too.
    #[tf(optional, default = true)]
    pub propagate: Value<bool>,
    /// Allow a change that takes the last administrator from the root folder.
    #[tf(optional)]
    pub allow_lockout: Value<bool>,
}

/// The resource.
pub struct EntityPermission;

type M = EntityPermissionModel;

impl M {
    async fn entity(&self, vsphere: &Vsphere) -> Result<MoRef> {
        let ty = self.entity_type.known().map(String::as_str);
        permissions::resolve(vsphere, self.entity_id.as_str(), ty, Self::ENTITY_ID, Self::ENTITY_TYPE).await
    }

    /// The entity of a state; nothing when it is gone, as far as its name tells.
    async fn existing(&self, vsphere: &Vsphere) -> Result<Option<MoRef>> {
        let ty = self.entity_type.known().map(String::as_str);
        permissions::existing(vsphere, self.entity_id.as_str(), ty, Self::ENTITY_ID, Self::ENTITY_TYPE).await
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
    fn title(&self, entity: &MoRef) -> String {
        format!("the permission of {} on {entity}", self.user_or_group.as_str())
    }
}

fn id(entity: &MoRef, principal: &str, is_group: bool) -> String {
    let suffix = if is_group { ":group" } else { "" };
    format!("{}:{}:{}{suffix}", entity.ty, entity.id, Principal::new(principal).canonical())
}

impl Resource for EntityPermission {
    type Model = M;
    type Client = Vsphere;

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut M) -> Result<()> {
        if let (Some(vsphere), Some(prior), Some(id)) = (cx.client, cx.prior, planned.entity_id.known()) {
            let ty = cx.config.entity_type.known().map(String::as_str);
            let before = (prior.entity_id.as_str(), prior.entity_type.known().map(String::as_str));
            if prior.entity_id != planned.entity_id
                && permissions::same_entity(vsphere, before, (id, ty)).await
            {
                planned.entity_id = prior.entity_id.clone();
                planned.entity_type = prior.entity_type.clone();
                let entity = [M::ENTITY_ID.into(), M::ENTITY_TYPE.into()];
                cx.replace.retain(|path| !entity.contains(path));
            }
        }
        if cx.config.entity_type.is_null() && (cx.prior.is_none() || cx.is_replacement()) {
            planned.entity_type = planned_type(&planned.entity_id, &Value::Null);
        }
        let known = planned.entity_id.known().is_some() && planned.user_or_group.known().is_some();
        let Some(vsphere) = cx.client.filter(|_| known && planned.is_group.known().is_some()) else {
            return Ok(());
        };
        let entity = planned.entity(vsphere).await?;
        let how = match cx.prior {
            None => Planned::Created,
            Some(_) if cx.is_replacement() => Planned::Replaced,
            Some(_) => Planned::Kept,
        };
        let (principal, is_group) = (planned.user_or_group.get(), planned.is_group.get());
        let content = format!("{:?} {:?}", cx.config.role_id, planned.propagate);
        permissions::claim(vsphere, &entity, (&principal, is_group), how, &content, M::USER_OR_GROUP)?;
        if !cx.changed || planned.role_id.known().is_none() {
            return Ok(());
        }
        let wanted = planned.permission(&entity)?;
        permissions::planned(vsphere, &entity, M::ENTITY_ID).await?;
        permissions::check_role(vsphere, wanted.role_id, M::ROLE_ID).await?;
        if how == Planned::Created {
            refuse_foreign(vsphere, &entity, &wanted).await?;
        }
        permissions::guard(vsphere, &entity, &[wanted], &[], planned.allow_lockout.get()).await
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        let Some(entity) = state.existing(vsphere).await? else { return Ok(Diagnostics::default()) };
        let gone = state.permission(&entity)?;
        permissions::guard(vsphere, &entity, &[], &[gone], state.allow_lockout.get()).await?;
        Ok(Diagnostics::default())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let entity = plan.entity(vsphere).await?;
        let wanted = plan.permission(&entity)?;
        let mut turn = vsphere.grants.turn(&entity).await;
        if refuse_foreign(vsphere, &entity, &wanted).await? {
            let detail = "The same role was granted to it before, by somebody else. Terraform manages it from now on, \
                          and destroying this resource revokes it.";
            cx.warn(whole(), format!("Took over {}", plan.title(&entity)), detail);
        }
        set(vsphere, &plan, &entity, wanted, &mut turn).await?;
        let id = id(&entity, plan.user_or_group.as_str(), plan.is_group.get());
        Ok(M { id: id.into(), entity_type: entity.ty.to_string().into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(entity) = state.existing(vsphere).await? else { return Ok(None) };
        let Some(all) = permissions::direct(vsphere, &entity).await? else { return Ok(None) };
        let (principal, is_group) = (state.user_or_group.get(), state.is_group.get());
        let found = all.into_iter().find(|p| permissions::is_of(p, &principal, is_group));
        Ok(found.map(|p| M {
            id: id(&entity, &principal, is_group).into(),
            entity_type: entity.ty.to_string().into(),
            user_or_group: p.principal.into(),
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
        set(vsphere, &plan, &entity, wanted, &mut *vsphere.grants.turn(&entity).await).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let Some(entity) = state.existing(vsphere).await? else { return Ok(()) };
        let turn = vsphere.grants.turn(&entity).await;
        let Some(all) = permissions::direct(vsphere, &entity).await? else { return Ok(()) };
        let (principal, is_group) = (state.user_or_group.get(), state.is_group.get());
        // The vCenter's own spelling: it compares names as texts.
        let Some(p) = all.into_iter().find(|p| permissions::is_of(p, &principal, is_group)) else {
            return Ok(());
        };
        if turn.has(&p) {
            return Ok(());
        }
        permissions::guard(vsphere, &entity, &[], std::slice::from_ref(&p), state.allow_lockout.get())
            .await?;
        let done = vsphere.api.authorization().remove_permission(&entity, &p.principal, p.is_group).await;
        or_gone(done).explain(vsphere, format!("revoke {}", state.title(&entity)), nobody).await
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let Some((place, principal, group)) = parts(id) else {
            let detail = "Give `Type:moid:principal`, such as `Folder:group-v3:CORP\\ann`, or `/inventory/path:principal`; \
                          with `:group` behind it for a group.";
            return Err(Diagnostics::error(whole(), format!("{id:?} does not name a permission"), detail));
        };
        let entity = match place {
            Place::Path(path) => permissions::object_at(vsphere, path).await?,
            Place::Object(ty, id) => {
                permissions::resolve(vsphere, id, Some(ty), M::ENTITY_ID, M::ENTITY_TYPE).await?
            }
        };
        let all = permissions::direct(vsphere, &entity).await?.unwrap_or_default();
        let found = all
            .iter()
            .find(|p| permissions::is_of(p, principal, p.is_group) && group.is_none_or(|g| g == p.is_group));
        let Some(p) = found else {
            let names: Vec<&str> = all.iter().map(|p| p.principal.as_str()).collect();
            let near = crate::nearest::did_you_mean(principal, names.iter().copied());
            let detail = format!("There are permissions of: {}.{near}", names.join(", "));
            let summary = format!("{principal} has no permission on {entity} itself");
            return Err(Diagnostics::error(whole(), summary, detail));
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

async fn set(
    vsphere: &Vsphere,
    plan: &M,
    entity: &MoRef,
    wanted: Permission,
    turn: &mut Granted,
) -> Result<()> {
    permissions::guard(vsphere, entity, std::slice::from_ref(&wanted), &[], plan.allow_lockout.get()).await?;
    let done = vsphere.api.authorization().set_permissions(entity, std::slice::from_ref(&wanted)).await;
    done.explain(vsphere, format!("set {}", plan.title(entity)), blame).await?;
    turn.note(&wanted);
    Ok(())
}

/// Whether the very same grant is there already.
///
/// # Errors
/// The principal has another role there: granting would take that from it.
async fn refuse_foreign(vsphere: &Vsphere, entity: &MoRef, wanted: &Permission) -> Result<bool> {
    let all = permissions::direct(vsphere, entity).await?.unwrap_or_default();
    let Some(p) = all.iter().find(|p| permissions::is_of(p, &wanted.principal, wanted.is_group)) else {
        return Ok(false);
    };
    if (p.role_id, p.propagate) == (wanted.role_id, wanted.propagate) {
        return Ok(true);
    }
    let has = permissions::role_name(vsphere, p.role_id).await;
    let import = id(entity, &p.principal, p.is_group);
    let detail = format!(
        "It has the role {has} there, which this would replace. Import the permission (terraform import <address> \
         '{import}'), or have it revoked by whoever granted it."
    );
    Err(Diagnostics::error(
        M::USER_OR_GROUP,
        format!("{} already has a permission on {entity}", p.principal),
        detail,
    ))
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
