//! Permissions of one entity: what two resources have in common.
use crate::common::entity;
use crate::common::once::Once;
use crate::fault::{Doing, or_absent};
use crate::plan_registry::{PlanRegistry, Planned};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Result};
use vsphere_client::{FaultKind, MoRef, Permission, Principal};

/// How vCenter spells users and groups (`true`), by how the configuration spells them.
#[derive(Default)]
struct Principals(Once<(String, bool), Vec<String>>);

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

/// How vCenter may spell a principal: as the configuration does, and as the identity sources do. A name without a
/// domain, or with another name of its domain, is stored with the domain's own.
///
/// Where the identity sources cannot be asked, only what the configuration says is known.
pub async fn spellings(vsphere: &Vsphere, name: &str, is_group: bool) -> Vec<String> {
    let look = async { vsphere.api.authorization().stored_names(&Principal::new(name), is_group).await };
    let key = (Principal::new(name).canonical(), is_group);
    let mut all = vsphere.run::<Principals>().0.get(key, look).await.unwrap_or_default();
    all.insert(0, name.to_owned());
    all
}

/// The name that vCenter stores for a principal, where the identity sources know exactly one.
pub async fn stored_name(vsphere: &Vsphere, name: &str, is_group: bool) -> String {
    let names = spellings(vsphere, name, is_group).await;
    if let [_, one] = names.as_slice() { one.clone() } else { name.to_owned() }
}

/// Whether the plan has another name of the principal of the state, after an import for example. `before` is the name that
/// vCenter has.
pub async fn is_renamed(
    vsphere: &Vsphere,
    (prior, planned, before): (&str, &str, &str),
    is_group: bool,
) -> bool {
    Principal::new(prior) != Principal::new(planned)
        && spellings(vsphere, planned, is_group)
            .await
            .iter()
            .any(|n| Principal::new(n) == Principal::new(before))
}

/// What is said of a grant that existed before its resource.
pub const TAKEN_OVER: &str = "The same role was already granted to it outside this resource. Terraform manages it from now on, \
                              and destroying this resource revokes it.";

/// The permission of a principal among those of an entity: under the name that it was stored with before, under that of
/// the configuration, or under one that the identity sources know.
pub async fn find(
    vsphere: &Vsphere,
    all: &[Permission],
    name: &str,
    is_group: bool,
    stored: Option<&str>,
) -> Option<Permission> {
    let of = |name: &str| all.iter().find(|p| is_of(p, name, is_group));
    if let Some(p) = stored.and_then(of).or_else(|| of(name)) {
        return Some(p.clone());
    }
    // No permission can match.
    if all.iter().all(|p| p.is_group != is_group) {
        return None;
    }
    spellings(vsphere, name, is_group).await.iter().find_map(|n| of(n)).cloned()
}

/// The permission that a grant has made or changed, as vCenter spells its principal. Pure.
pub fn outcome<'a>(
    before: &[Permission],
    after: &'a [Permission],
    wanted: &Permission,
    spellings: &[String],
) -> Option<&'a Permission> {
    let same = |p: &Permission| {
        (p.is_group, p.role_id, p.propagate) == (wanted.is_group, wanted.role_id, wanted.propagate)
    };
    let named = after.iter().find(|p| same(p) && spellings.iter().any(|n| is_of(p, n, p.is_group)));
    let bare = |name: &str| Principal::new(name).parts().1.to_lowercase();
    let known = |p: &Permission| before.iter().any(|b| is_of(b, &p.principal, p.is_group) && same(b));
    let mut news =
        after.iter().filter(|p| same(p) && !known(p) && bare(&p.principal) == bare(&wanted.principal));
    named.or_else(|| news.next().filter(|_| news.next().is_none()))
}

/// Sets permissions on an entity, and gives them as vCenter has stored them, in the same order.
///
/// # Errors
/// Why they cannot be set.
pub async fn set<P: Into<AttributePath>>(
    vsphere: &Vsphere,
    entity: &MoRef,
    before: &[Permission],
    wanted: &[Permission],
    blame: impl FnOnce(&FaultKind) -> Option<P> + Send,
) -> Result<Vec<Permission>> {
    if let Err(e) = vsphere.api.authorization().set_permissions(entity, wanted).await {
        let of = match wanted {
            [one] => format!("the permission of {}", one.principal),
            _ => "the permissions".to_owned(),
        };
        let doing = format!("set {of} on {}", place(vsphere, entity).await);
        return Err(e).doing_to(doing, blame);
    }
    let after = direct(vsphere, entity).await?.unwrap_or_default();
    let mut out = vec![];
    for w in wanted {
        let textual = after.iter().find(|p| is_of(p, &w.principal, w.is_group));
        let found = match textual {
            Some(p) => Some(p),
            None => {
                let names = spellings(vsphere, &w.principal, w.is_group).await;
                outcome(before, &after, w, &names)
            }
        };
        out.push(found.unwrap_or(w).clone());
    }
    Ok(out)
}

/// Revokes permissions on an entity; gives those that are still there although vCenter has taken the removal. On the
/// root folder these are global permissions: they are shown there, and removed elsewhere.
///
/// # Errors
/// Why one cannot be revoked.
pub async fn revoke(vsphere: &Vsphere, entity: &MoRef, all: &[Permission]) -> Result<Vec<Permission>> {
    if all.is_empty() {
        return Ok(vec![]);
    }
    for p in all {
        let done = vsphere.api.authorization().remove_permission(entity, &p.principal, p.is_group).await;
        if let Err(e) = or_absent(done) {
            let place = place(vsphere, entity).await;
            let doing = format!("revoke the permission of {} on {place}", p.principal);
            return Err(e).doing(doing);
        }
    }
    let now = direct(vsphere, entity).await?.unwrap_or_default();
    let left: Vec<Permission> = all.iter().filter(|p| now.contains(p)).cloned().collect();
    if left.is_empty() || entity.id == vsphere.api.root_folder().id {
        return Ok(left);
    }
    let names: Vec<&str> = left.iter().map(|p| p.principal.as_str()).collect();
    let summary = format!("Unable to revoke permissions on {}", place(vsphere, entity).await);
    let detail = format!(
        "vCenter answered that they were removed, and they are still there: {}. Revoke them in the vSphere Client, then \
         apply again.",
        names.join(", ")
    );
    Err(Diagnostics::error(AttributePath::root(), summary, detail))
}

/// What to say of permissions of the root folder that cannot be revoked there.
pub fn global(left: &[Permission]) -> (String, String) {
    let names: Vec<&str> = left.iter().map(|p| p.principal.as_str()).collect();
    let detail = format!(
        "vCenter still reports the permissions of {} on the root folder after their removal. They are global \
         permissions, which `vsphere_global_permission` manages. They stay as they are.",
        names.join(", ")
    );
    ("Global permissions are left alone".to_owned(), detail)
}

/// The path of an entity, for messages.
pub async fn place(vsphere: &Vsphere, entity: &MoRef) -> String {
    if *entity == vsphere.api.root_folder() {
        return "the root folder (/)".to_owned();
    }
    vsphere.api.find().path_of(entity).await.unwrap_or_else(|_| entity.to_string())
}

/// What vCenter says to permissions on an entity with this parent. Pure.
#[derive(Debug, PartialEq, Eq)]
pub enum Carries {
    /// It can have permissions of its own.
    Own,
    /// It always has those of its parent.
    Parents(&'static str),
}

/// Whether an entity can have permissions of its own: the parts of a "complex entity" cannot. Pure.
pub fn carries(ty: &str, parent: Option<&str>) -> Carries {
    match (ty, parent) {
        ("Folder", Some("Datacenter")) => {
            Carries::Parents("It is one of the four folders directly below a datacenter")
        }
        ("ResourcePool", Some("ComputeResource" | "ClusterComputeResource")) => {
            Carries::Parents("It is the root resource pool of a cluster or host")
        }
        ("HostSystem", Some("ComputeResource")) => Carries::Parents("It is a standalone host"),
        _ => Carries::Own,
    }
}

/// Looks at the entity of a new permission.
///
/// # Errors
/// It cannot have permissions of its own.
pub async fn check_entity(
    vsphere: &Vsphere,
    entity: &MoRef,
    id_field: tf_framework::Field,
) -> Result<Option<(String, String)>> {
    let Ok(above) = vsphere.api.find().ancestors(entity).await else { return Ok(None) };
    let mut above = above.iter().rev().skip(1).map(|(place, _)| place);
    let Some(parent) = above.next() else { return Ok(None) };
    if let Carries::Parents(what) = carries(&entity.ty, Some(&parent.ty)) {
        let (path, parent_path) = (place(vsphere, entity).await, place(vsphere, parent).await);
        let detail = format!(
            "{what}: it always has the permissions of its parent, and vCenter refuses others. Grant the role on the \
             parent, {parent_path} (entity_id = \"{}\", entity_type = \"{}\"), or on objects below {path}.",
            parent.id, parent.ty
        );
        return Err(Diagnostics::error(
            id_field,
            format!("{path} cannot have permissions of its own"),
            detail,
        ));
    }
    let switch = matches!(&*entity.ty, "VmwareDistributedVirtualSwitch" | "DistributedVirtualSwitch");
    if switch && above.next().is_some_and(|p| &*p.ty == "Datacenter") {
        let detail = "vSphere applies permissions on a distributed switch only where the switch is in a network folder; \
                      this one lies directly below the datacenter. Move it into a network folder, or grant the role on \
                      its port groups or, with propagation, on the datacenter.";
        return Ok(Some((
            format!("A permission on {} has no effect", place(vsphere, entity).await),
            detail.to_owned(),
        )));
    }
    Ok(None)
}

/// The role id of a configuration.
///
/// # Errors
/// The text is not an integer.
pub fn role_id(text: &str, at: impl Into<AttributePath>) -> Result<i32> {
    text.parse().map_err(|_| {
        let detail = format!(
            "{text:?} is not a role ID: use `vsphere_role.<name>.id` or the data source `vsphere_role`."
        );
        Diagnostics::error(at, "This is not the ID of a role", detail)
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
            "{text:?} is not a role ID, such as \"-709298051\": use `vsphere_role.<name>.id` or the data source \
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

/// The direct permissions of an entity; `None` if the entity does not exist.
///
/// # Errors
/// Why they cannot be read.
pub async fn direct(vsphere: &Vsphere, entity: &MoRef) -> Result<Option<Vec<Permission>>> {
    match vsphere.api.authorization().direct_permissions(entity).await {
        Err(e) if matches!(e.fault_kind(), Some(FaultKind::ManagedObjectNotFound { .. })) => Ok(None),
        Err(e) => {
            let doing = format!("read the permissions on {}", place(vsphere, entity).await);
            Err(e).doing(doing)
        }
        Ok(all) => Ok(Some(all)),
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
    let mut detail = "The object does not exist, or the user lacks `System.View` on it.".to_owned();
    if let Some(shown) = entity::type_of(&entity.id)
        && *shown != *entity.ty
    {
        detail = format!("Its ID looks like that of a {shown}.");
    }
    Err(Diagnostics::error(id_field, format!("There is no {} {}", entity.ty, entity.id), detail))
}

/// Checks that the vCenter has a role.
///
/// # Errors
/// It has not.
pub async fn check_role(vsphere: &Vsphere, role: i32, at: impl Into<AttributePath>) -> Result<()> {
    let roles = vsphere.api.authorization().roles().await;
    let roles = roles.doing("list the roles")?;
    if roles.iter().any(|r| r.id == role) {
        return Ok(());
    }
    let detail =
        "Use `vsphere_role.<name>.id` or the data source `vsphere_role`, which finds a role by its label.";
    Err(Diagnostics::error(at, format!("There is no role with the ID {role}"), detail))
}

/// The name of a role, or its id where it has none.
pub async fn role_name(vsphere: &Vsphere, role: i32) -> String {
    let roles = vsphere.api.authorization().roles().await.ok();
    let name = roles.and_then(|all| all.iter().find(|r| r.id == role).map(|r| r.name.clone()));
    name.unwrap_or_else(|| role.to_string())
}

/// Who has permissions where a principal has none. Pure.
pub fn holders(principal: &str, names: &[&str], none: &str) -> String {
    if names.is_empty() {
        return none.to_owned();
    }
    let near = crate::nearest::did_you_mean(principal, names.iter().copied());
    format!("There are permissions of: {}.{near}", names.join(", "))
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

/// Refuses a change of the root folder's permissions that leaves vCenter without an administrator.
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
    refuse_lockout(&now, &after(&now, set, removed))
}

/// Refuses a change that takes the last administrator. Pure.
///
/// # Errors
/// The refusal, and how to insist.
pub fn refuse_lockout(before: &[Permission], after: &[Permission]) -> Result<()> {
    if !locks_out(before, after) {
        return Ok(());
    }
    let detail = "No principal would have the role Admin on the root folder with propagation afterwards, and it could not be \
                  granted again. Keep one administrator; or, if vCenter has an administrator by other means, set \
                  `allow_lockout = true`.";
    Err(Diagnostics::error(
        AttributePath::root(),
        "This would take the last administrator from the vCenter",
        detail,
    ))
}

/// Notes that a resource claims a principal's permission on an entity, or its global one.
///
/// # Errors
/// Another resource, or the same one twice, claims it: vSphere keeps one role for one principal on one entity.
pub(crate) async fn claim(
    vsphere: &Vsphere,
    entity: Option<&MoRef>,
    (principal, is_group): (&str, bool),
    how: Planned,
    content: &str,
    at: impl Into<AttributePath>,
) -> Result<()> {
    let kind = if is_group { "group" } else { "user" };
    let of = entity.map_or("", |e| &e.id);
    let key = format!("permission|{of}|{kind}|{}", Principal::new(principal).canonical());
    if vsphere.run::<PlanRegistry>().claim(&key, how, content) {
        return Ok(());
    }
    let where_ = match entity {
        Some(entity) => format!("on {}", place(vsphere, entity).await),
        None => "globally".to_owned(),
    };
    let detail = format!(
        "This configuration grants the {kind} {principal} two roles {where_}. vSphere keeps one role for one \
         principal on one entity: the second would replace the first. Grant one role with the privileges of both \
         (the function `merge_privileges` joins them), or grant each role to a group of its own."
    );
    Err(Diagnostics::error(at, "One principal has one role on one entity", detail))
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
    fn what_a_grant_has_made_is_found_under_any_name() {
        let (ann, bob) = (p("VSPHERE.LOCAL\\ann", 7), p("VSPHERE.LOCAL\\bob", 7));
        let other = Permission { is_group: true, ..ann.clone() };
        let names = |x: &[&str]| x.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        for (before, after, wanted, known, is) in [
            // The directory knows it.
            (vec![], vec![&ann, &bob], p("ann", 7), names(&["ann", "VSPHERE.LOCAL\\ann"]), Some(&ann)),
            // The directory says nothing: what is new.
            (vec![&bob], vec![&ann, &bob], p("ann", 7), names(&["ann"]), Some(&ann)),
            // A group of the same name is another one.
            (vec![], vec![&other], p("ann", 7), names(&["ann", "VSPHERE.LOCAL\\ann"]), None),
            // Another principal's, created at the same time.
            (vec![], vec![&bob], p("ann", 7), names(&["ann"]), None),
            // It was there before.
            (vec![&ann], vec![&ann], p("ann", 7), names(&["ann"]), None),
        ] {
            let of = |x: &[&Permission]| x.iter().map(|p| (*p).clone()).collect::<Vec<_>>();
            assert_eq!(outcome(&of(&before), &of(&after), &wanted, &known), is);
        }
    }

    #[test]
    fn parts_of_complex_entities_have_no_permissions_of_their_own() {
        for (ty, parent, own) in [
            ("Folder", Some("Datacenter"), false),
            ("Folder", Some("Folder"), true),
            ("Folder", None, true),
            ("ResourcePool", Some("ClusterComputeResource"), false),
            ("ResourcePool", Some("ComputeResource"), false),
            ("ResourcePool", Some("ResourcePool"), true),
            ("HostSystem", Some("ComputeResource"), false),
            ("HostSystem", Some("ClusterComputeResource"), true),
            ("Datacenter", Some("Folder"), true),
            ("ComputeResource", Some("Folder"), true),
        ] {
            assert_eq!(carries(ty, parent) == Carries::Own, own, "{ty} below {parent:?}");
        }
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
