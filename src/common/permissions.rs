//! Permissions of one entity: what two resources have in common.
use crate::common::entity;
use crate::fault::{Explain, nobody};
use crate::plan_registry::Planned;
use crate::vsphere::{Vsphere, whole};
use tf_framework::{AttributePath, Diagnostics, Dynamic, Result};
use vsphere_client::{FaultKind, MoRef, Permission, Principal};

/// The id of vCenter's own role `Admin`.
pub const ADMIN: i32 = -1;

/// Two spellings of one principal: `DOMAIN\user` and `user@domain`, in any case.
pub fn same_principal(a: &Dynamic, b: &Dynamic) -> bool {
    matches!((a, b), (Dynamic::String(a), Dynamic::String(b)) if Principal::new(a) == Principal::new(b))
}

/// Whether a permission is that of a principal.
pub fn is_of(p: &Permission, principal: &str, is_group: bool) -> bool {
    p.is_group == is_group && Principal::new(&p.principal) == Principal::new(principal)
}

/// The role id of a configuration.
///
/// # Errors
/// A text that is no whole number.
pub fn role_id(text: &str, at: impl Into<AttributePath>) -> Result<i32> {
    text.parse().map_err(|_| {
        let detail = format!(
            "{text:?} is no role id: use `vsphere_role.<name>.id` or the data source `vsphere_role`."
        );
        Diagnostics::error(at, "This is not the id of a role", detail)
    })
}

/// A check for attributes that take a role id.
///
/// # Errors
/// What a role id is.
pub fn role(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    match text.parse::<i32>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "{text:?} is no role id, such as \"-709298051\": use `vsphere_role.<name>.id` or the data source \
             `vsphere_role`."
        )),
    }
}

/// A check for attributes that take a principal.
///
/// # Errors
/// What is wrong with it.
pub fn principal(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return Err("It is empty. Expected DOMAIN\\name or name@domain.".into());
    }
    if text.contains(':') {
        return Err(format!("{text:?} holds a colon. Expected DOMAIN\\name or name@domain."));
    }
    Ok(())
}

/// The direct permissions of an entity; `None` when the entity is gone.
///
/// # Errors
/// Why they cannot be read.
pub async fn direct(vsphere: &Vsphere, entity: &MoRef) -> Result<Option<Vec<Permission>>> {
    match vsphere.api.authorization().direct_permissions(entity).await {
        Err(e) if matches!(e.fault_kind(), Some(FaultKind::ManagedObjectNotFound { .. })) => Ok(None),
        other => other.explain(vsphere, format!("read the permissions on {entity}"), nobody).await.map(Some),
    }
}

/// The direct permissions of an entity that a plan names.
///
/// # Errors
/// There is no such entity.
pub async fn planned(
    vsphere: &Vsphere,
    entity: &MoRef,
    id_field: tf_framework::Field,
) -> Result<Vec<Permission>> {
    if let Some(now) = direct(vsphere, entity).await? {
        return Ok(now);
    }
    let mut detail = "The object is gone, or the user may not see it.".to_owned();
    if let Some(shown) = entity::type_of(&entity.id)
        && *shown != *entity.ty
    {
        detail = format!("Its id looks like that of a {shown}.");
    }
    Err(Diagnostics::error(id_field, format!("There is no {} {}", entity.ty, entity.id), detail))
}

/// Checks that the vCenter has a role.
///
/// # Errors
/// It has not.
pub async fn check_role(vsphere: &Vsphere, role: i32, at: impl Into<AttributePath>) -> Result<()> {
    let roles = vsphere.api.authorization().roles().await;
    let roles = roles.explain(vsphere, "list the roles", nobody).await?;
    if roles.iter().any(|r| r.id == role) {
        return Ok(());
    }
    let detail =
        "Use `vsphere_role.<name>.id` or the data source `vsphere_role`, which finds a role by its label.";
    Err(Diagnostics::error(at, format!("There is no role with the id {role}"), detail))
}

/// The name of a role, or its id where it has none.
pub async fn role_name(vsphere: &Vsphere, role: i32) -> String {
    let roles = vsphere.api.authorization().roles().await.ok();
    let name = roles.and_then(|all| all.iter().find(|r| r.id == role).map(|r| r.name.clone()));
    name.unwrap_or_else(|| role.to_string())
}

/// The permissions after the given ones were set (by principal) and others removed. Pure.
pub fn after(now: &[Permission], set: &[Permission], removed: &[Permission]) -> Vec<Permission> {
    let touched = |p: &Permission| set.iter().chain(removed).any(|x| is_of(p, &x.principal, x.is_group));
    now.iter().filter(|p| !touched(p)).chain(set).cloned().collect()
}

/// Whether a change takes the last administrator from the root folder. Pure.
pub fn locks_out(before: &[Permission], after: &[Permission]) -> bool {
    let administered = |all: &[Permission]| all.iter().any(|p| p.role_id == ADMIN && p.propagate);
    administered(before) && !administered(after)
}

/// Refuses a change of the root folder's permissions that leaves nobody to administer the vCenter.
///
/// # Errors
/// The refusal, and how to insist.
pub async fn guard(
    vsphere: &Vsphere,
    entity: &MoRef,
    set: &[Permission],
    removed: &[Permission],
    allowed: bool,
) -> Result<()> {
    // The id alone: a configuration may say a wrong type.
    if allowed || entity.id != vsphere.api.root_folder().id {
        return Ok(());
    }
    let now = direct(vsphere, entity).await?.unwrap_or_default();
    if !locks_out(&now, &after(&now, set, removed)) {
        return Ok(());
    }
    let detail = "After this, nobody would have the role Admin on the root folder with propagation, and nobody could \
                  give it back. Keep one administrator; or, if somebody administers the vCenter in another way, set \
                  `allow_lockout = true`.";
    Err(Diagnostics::error(whole(), "This would take the last administrator from the vCenter", detail))
}

/// Notes that a resource claims a principal's permission on an entity.
///
/// # Errors
/// Another resource, or the same one twice, claims it: vSphere keeps one role for one principal on one entity.
pub(crate) fn claim(
    vsphere: &Vsphere,
    entity: &MoRef,
    (principal, is_group): (&str, bool),
    how: Planned,
    content: &str,
    at: impl Into<AttributePath>,
) -> Result<()> {
    let kind = if is_group { "group" } else { "user" };
    let key = format!("permission|{}|{kind}|{}", entity.id, Principal::new(principal).canonical());
    if vsphere.plans.claim(&key, how, content) {
        return Ok(());
    }
    let detail = format!(
        "This configuration grants the {kind} {principal} two roles on {entity}. vSphere keeps one role for one \
         principal on one entity: the second would replace the first. Grant one role with the privileges of both \
         (the function `merge_privileges` joins them), or grant each role to a group of its own."
    );
    Err(Diagnostics::error(at, "One principal has one role on one entity", detail))
}

/// The entity that a configuration names. A distributed switch may be named by its UUID, as the official data
/// source gives it.
///
/// # Errors
/// An id that does not show its type, or a switch that is not there.
pub async fn resolve(
    vsphere: &Vsphere,
    id: &str,
    ty: Option<&str>,
    id_field: tf_framework::Field,
    type_field: tf_framework::Field,
) -> Result<MoRef> {
    existing(vsphere, id, ty, id_field, type_field).await?.ok_or_else(|| {
        let detail = "Expected the id or the UUID of a distributed switch of this vCenter.";
        Diagnostics::error(id_field, format!("There is no distributed switch {id}"), detail)
    })
}

/// The entity that a state names; nothing where it is a switch, known by its UUID, that is gone.
///
/// # Errors
/// An id that does not show its type.
pub async fn existing(
    vsphere: &Vsphere,
    id: &str,
    ty: Option<&str>,
    id_field: tf_framework::Field,
    type_field: tf_framework::Field,
) -> Result<Option<MoRef>> {
    let entity = entity::resolve(id, ty, &vsphere.api.root_folder(), id_field, type_field)?;
    let switch = matches!(&*entity.ty, "VmwareDistributedVirtualSwitch" | "DistributedVirtualSwitch");
    if switch && !id.starts_with("dvs-") {
        // The official data source knows a switch by its UUID.
        let found = vsphere.api.distributed_switches().by_uuid(id).await;
        return found.explain(vsphere, format!("find the distributed switch {id}"), nobody).await;
    }
    Ok(Some(entity))
}

/// Whether two names stand for one entity: `root` and the root folder's id, the UUID of a switch and its id.
pub async fn same_entity(vsphere: &Vsphere, a: (&str, Option<&str>), b: (&str, Option<&str>)) -> bool {
    const NAMELESS: tf_framework::Field = tf_framework::Field("");
    if a.0 == b.0 {
        return true;
    }
    let a = resolve(vsphere, a.0, a.1, NAMELESS, NAMELESS).await;
    let b = resolve(vsphere, b.0, b.1, NAMELESS, NAMELESS).await;
    matches!((a, b), (Ok(a), Ok(b)) if a.id == b.id)
}

/// The object at an inventory path, for an import.
///
/// # Errors
/// A path at which nothing is.
pub async fn object_at(vsphere: &Vsphere, path: &str) -> Result<MoRef> {
    if path.trim_matches('/').is_empty() {
        return Ok(vsphere.api.root_folder());
    }
    let found = vsphere.api.find().by_inventory_path(path).await;
    found.explain(vsphere, format!("find {path}"), nobody).await?.ok_or_else(|| {
        let detail = "Expected an inventory path such as /dc1/vm/team; a slash in a name is written %2f.";
        Diagnostics::error(whole(), format!("There is nothing at {path}"), detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(principal: &str, role_id: i32) -> Permission {
        Permission { entity: None, principal: principal.into(), is_group: false, role_id, propagate: true }
    }

    #[test]
    fn a_change_touches_its_principals_only() {
        let now = [p("VSPHERE.LOCAL\\Administrator", ADMIN), p("CORP\\ann", -2), p("CORP\\bob", -2)];
        let then = after(&now, &[p("ann@corp", 7)], &[p("CORP\\bob", -2)]);
        let names: Vec<_> = then.iter().map(|p| (p.principal.as_str(), p.role_id)).collect();
        assert_eq!(names, [("VSPHERE.LOCAL\\Administrator", ADMIN), ("ann@corp", 7)]);
    }

    #[test]
    fn the_last_administrator_is_noticed() {
        let now = [p("a@x", ADMIN), p("b@x", -2)];
        assert!(locks_out(&now, &after(&now, &[p("X\\a", -2)], &[])));
        assert!(locks_out(&now, &after(&now, &[], &[p("a@x", ADMIN)])));
        assert!(!locks_out(&now, &after(&now, &[p("b@x", ADMIN)], &[p("a@x", ADMIN)])));
        assert!(!locks_out(&[], &[]));
    }
}
