//! `vsphere_entity_permissions`
pub mod data_source;
mod grants;

use crate::access::grants::Grants;
use crate::access::permissions::{self, same_principal};
use crate::common::entity;
use crate::common::resolve;
use crate::plan_registry::Planned;
use crate::vsphere::Vsphere;
use grants::{Changes, Holder, Kept};
use serde_json::{Value as Json, json};
use tf_framework::{AttributePath, Cx, DestroyCx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::{FaultKind, MoRef, Permission, Principal};

/// Manages the permissions of several principals on one entity.
///
/// Only the permissions of the declared principals are managed. Undeclared permissions on the same entity are listed in
/// `unmanaged_permissions`, and are revoked only if `authoritative` is `true`. If several configurations manage
/// permissions on the same entity, use `vsphere_entity_permission` instead, which manages the permission of a single
/// principal.
///
/// Permissions cannot be set on the four root folders of a datacenter, on the root resource pool of a cluster or host,
/// or on a standalone host. These objects always have the permissions of their parent object: the datacenter, the
/// cluster or the host's compute resource.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_entity_permissions", category = "Security")]
pub struct EntityPermissionsModel {
    /// The managed object ID of the entity.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the entity, such as `group-v3`. Use `root` for the root folder of vCenter. The UUID of
    /// a distributed switch and the BIOS UUID or instance UUID of a virtual machine are also accepted.
    #[tf(required, force_new, form = entity::id)]
    pub entity_id: Value<String>,
    /// The type of the entity, such as `Folder`, `Datacenter` or `VirtualMachine`.
    #[tf(
        required,
        force_new,
        one_of_in = entity::TYPES
    )]
    pub entity_type: Value<String>,
    /// Whether to revoke undeclared permissions on the entity.
    #[tf(optional)]
    pub authoritative: Value<bool>,
    /// Whether to allow a change that removes the last permission with the Administrator role from the root folder.
    #[tf(optional)]
    pub allow_lockout: Value<bool>,
    /// The permissions on the entity itself that the configuration does not declare.
    #[tf(computed)]
    pub unmanaged_permissions: Value<Vec<PermissionModel>>,
    /// A permission to manage on the entity.
    #[tf(block, min = 1, key = "user_or_group")]
    pub permissions: Value<Vec<PermissionModel>>,
}

/// A permission on the entity.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PermissionModel {
    /// The user or group, as `DOMAIN\name` or `name@domain`. If the domain is omitted or is an alias, vCenter resolves
    /// the name against its identity sources.
    #[tf(required, same = same_principal, check = permissions::principal)]
    pub user_or_group: Value<String>,
    /// Whether `user_or_group` is a group.
    #[tf(required)]
    pub is_group: Value<bool>,
    /// The ID of the role.
    #[tf(required, form = permissions::role)]
    pub role_id: Value<String>,
    /// Whether the permission propagates to the objects below the entity.
    #[tf(required)]
    pub propagate: Value<bool>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct EntityPermissions;

type M = EntityPermissionsModel;

/// No server gives out this id.
const NO_ROLE: &str = "0";

/// Where the holders are kept whose grants this provider made.
const GRANTED: &str = "granted";
/// Where it is kept that the state was imported: it has grants of all.
const IMPORT: &str = "import";
/// Where the permissions are kept that vCenter reports and does not let go.
const GLOBAL: &str = "global";

impl PermissionModel {
    fn is_known(&self) -> bool {
        self.is_named() && self.role_id.known().is_some() && self.propagate.known().is_some()
    }

    /// Whether it is known who has the grant.
    fn is_named(&self) -> bool {
        self.user_or_group.known().is_some() && self.is_group.known().is_some()
    }

    /// The grant; with a role that does not exist if it is not yet known what is granted.
    fn foreseen(&self, at: AttributePath) -> Result<Permission> {
        let role_id = if self.is_known() { self.role_id.clone() } else { NO_ROLE.into() };
        Self { role_id, ..self.clone() }.permission(None, at)
    }

    fn permission(&self, entity: Option<&MoRef>, at: AttributePath) -> Result<Permission> {
        Ok(Permission {
            entity: entity.cloned(),
            principal: self.user_or_group.get(),
            is_group: self.is_group.get(),
            role_id: permissions::role_id(self.role_id.as_str(), at)?,
            propagate: self.propagate.get(),
        })
    }
}

impl From<Permission> for PermissionModel {
    fn from(p: Permission) -> Self {
        Self {
            user_or_group: p.principal.into(),
            is_group: p.is_group.into(),
            role_id: p.role_id.to_string().into(),
            propagate: p.propagate.into(),
        }
    }
}

fn models(all: Vec<Permission>) -> Value<Vec<PermissionModel>> {
    all.into_iter().map(PermissionModel::from).collect::<Vec<_>>().into()
}

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

    fn permissions(&self, entity: Option<&MoRef>) -> Result<Vec<Permission>> {
        let all = self.permissions.get();
        let path = |i| Self::PERMISSIONS.index(i).field(PermissionModel::ROLE_ID);
        all.iter().enumerate().map(|(i, p)| p.permission(entity, path(i))).collect()
    }

    fn holders(&self) -> Vec<Holder> {
        let holder = |p: PermissionModel| Holder {
            principal: p.user_or_group.get(),
            is_group: p.is_group.get(),
            named: p.user_or_group.get(),
        };
        self.permissions.get().into_iter().map(holder).collect()
    }
}

fn to_json(holders: &[Holder]) -> Json {
    holders
        .iter()
        .map(|h| json!({ "principal": h.principal, "group": h.is_group, "named": h.named }))
        .collect()
}

fn from_json(v: &Json) -> Vec<Holder> {
    let holder = |v: &Json| {
        let principal = v["principal"].as_str()?.to_owned();
        let named = v["named"].as_str().unwrap_or(&principal).to_owned();
        Some(Holder { principal, is_group: v["group"].as_bool()?, named })
    };
    v.as_array().map(|all| all.iter().filter_map(holder).collect()).unwrap_or_default()
}

/// Permissions that cannot be revoked: who has them, and what.
fn fixed_to_json(all: &[Permission]) -> Json {
    let one = |p: &Permission| json!([p.principal, p.is_group, p.role_id, p.propagate]);
    if all.is_empty() { Json::Null } else { all.iter().map(one).collect() }
}

/// Whether a permission is one of those.
fn is_fixed(fixed: Option<&Json>, p: &Permission) -> bool {
    let one = json!([p.principal, p.is_group, p.role_id, p.propagate]);
    fixed.and_then(Json::as_array).is_some_and(|all| all.contains(&one))
}

/// The permissions with their principals named as vCenter has stored them: as was seen at the grant, as `now` has them,
/// or as the identity sources say.
async fn as_stored(
    vsphere: &Vsphere,
    mut wanted: Vec<Permission>,
    granted: &[Holder],
    now: &[Permission],
) -> Vec<Permission> {
    for w in &mut wanted {
        let stored =
            granted.iter().find(|h| h.is_named(&w.principal, w.is_group)).map(|h| h.principal.as_str());
        if let Some(p) = permissions::find(vsphere, now, &w.principal, w.is_group, stored).await {
            w.principal = p.principal;
        } else if let Some(stored) = stored {
            stored.clone_into(&mut w.principal);
        }
    }
    wanted
}

/// What a destruction revokes of a state that another provider wrote: all that it has, as that provider would. On the
/// root folder, the administrators stay.
fn adopted(state: &[Holder], now: &[Permission], is_root: bool) -> Vec<Permission> {
    let kept = |p: &Permission| is_root && p.role_id == permissions::ADMIN && p.propagate;
    now.iter().filter(|p| state.iter().any(|h| h.is(p)) && !kept(p)).cloned().collect()
}

fn listed<'a>(all: impl IntoIterator<Item = &'a Permission>) -> String {
    let lines = all.into_iter().map(|p| {
        let kind = if p.is_group { "group" } else { "user" };
        format!("  {kind} {}, role {}", p.principal, p.role_id)
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Resource for EntityPermissions {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the type and managed object ID of the entity, such as Folder:group-v3, or by the inventory path, such as \
                                  /dc1/vm/web";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let mut seen: Vec<(Principal, bool)> = vec![];
        for (i, p) in config.permissions.get().iter().enumerate() {
            let (Some(name), Some(group)) = (p.user_or_group.known(), p.is_group.known()) else { continue };
            let holder = (Principal::new(name), *group);
            if seen.contains(&holder) {
                let at = M::PERMISSIONS.index(i).field(PermissionModel::USER_OR_GROUP);
                let detail = format!(
                    "{name} is in an earlier `permissions` block too. vSphere keeps one role for one principal on \
                     one entity: grant one role with the privileges of both, or each role to a group of its own."
                );
                out.merge(Diagnostics::error(at, "One principal has one role on one entity", detail));
            }
            seen.push(holder);
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        if let (Some(vsphere), Some(prior), Some(id)) = (cx.client, cx.prior, planned.entity_id.known()) {
            let ty = planned.entity_type.known().map(String::as_str);
            let before = (prior.entity_id.as_str(), prior.entity_type.known().map(String::as_str));
            if prior.entity_id != planned.entity_id && resolve::same_entity(vsphere, before, (id, ty)).await {
                planned.copy_from(prior, &[M::ENTITY_ID]);
                cx.replace.retain(|path| *path != M::ENTITY_ID.into());
            }
        }
        let all = cx.config.permissions.get();
        let known = cx.config.permissions.known().is_some() && all.iter().all(PermissionModel::is_known);
        let granted = cx.private(GRANTED).map(from_json);
        let authoritative = planned.authoritative.get();
        // Whose grants they are is enough to tell undeclared: what is planned now has to be planned again at the apply,
        // when the roles are known.
        let named = cx.config.permissions.known().is_some() && all.iter().all(PermissionModel::is_named);
        if let (Some(prior), true, false) = (cx.prior, named, cx.is_replacement()) {
            let at = |i| M::PERMISSIONS.index(i).field(PermissionModel::ROLE_ID);
            let config: Result<Vec<_>> = all.iter().enumerate().map(|(i, p)| p.foreseen(at(i))).collect();
            let (state, mut config) = (prior.permissions(None)?, config?);
            if let Some(vsphere) = cx.client {
                // Another name of the same principal, after an import for example.
                config = as_stored(vsphere, config, &[], &state).await;
            }
            // An authoritative configuration is complete, and so is one whose state this provider wrote.
            match grants::keep(&state, &config, authoritative || granted.is_some()) {
                Kept::Configured => {}
                Kept::State => planned.copy_from(prior, &[M::PERMISSIONS]),
                Kept::Undeclared(places) => {
                    let undeclared = places.iter().filter_map(|i| state.get(*i));
                    let detail = format!(
                        "The state has grants that the configuration does not name:\n{}\nThey stay. To have them revoked, \
                         set `authoritative = true`.",
                        listed(undeclared)
                    );
                    cx.warn(M::PERMISSIONS, "Grants of others are left alone", detail);
                    planned.set(M::PERMISSIONS, with_undeclared(prior, &config, &places, &all));
                    *cx.keeps_undeclared = true;
                }
            }
        }
        let Some(vsphere) = cx.client.filter(|_| planned.entity_id.known().is_some()) else { return Ok(()) };
        let entity = planned.entity(vsphere).await?;
        let how = Planned::of(cx);
        let mut problems = Diagnostics::default();
        for (i, p) in all.iter().enumerate() {
            if let (Some(name), Some(group)) = (p.user_or_group.known(), p.is_group.known()) {
                let at = M::PERMISSIONS.index(i).field(PermissionModel::USER_OR_GROUP);
                let content = format!("{:?} {:?}", p.role_id, p.propagate);
                let stored = granted.iter().flatten().find(|h| h.is_named(name, *group));
                let name = match stored {
                    Some(h) => h.principal.clone(),
                    None if how == Planned::Kept => name.clone(),
                    None => permissions::stored_name(vsphere, name, *group).await,
                };
                if let Err(e) =
                    permissions::claim(vsphere, Some(&entity), (&name, *group), how, &content, at).await
                {
                    problems.merge(e);
                }
            }
        }
        if cx.changed {
            problems.into_result(())?;
        } else {
            // What stays as it is, is not refused.
            cx.warnings.merge(problems.as_warnings());
            return Ok(());
        }
        let now = permissions::planned(vsphere, &entity, M::ENTITY_ID).await?;
        if how != Planned::Kept
            && let Some((summary, detail)) = permissions::check_entity(vsphere, &entity, M::ENTITY_ID).await?
        {
            cx.warn(M::ENTITY_ID, summary, detail);
        }
        if !known {
            return Ok(());
        }
        let wanted = cx.config.permissions(Some(&entity))?;
        for (i, p) in wanted.iter().enumerate() {
            let at = M::PERMISSIONS.index(i).field(PermissionModel::ROLE_ID);
            match permissions::check_role(vsphere, p.role_id, at).await {
                // The role may have been deleted while the configuration did not change.
                Err(problems) if how == Planned::Kept => cx.warnings.merge(problems.as_warnings()),
                checked => checked?,
            }
        }
        let wanted = as_stored(vsphere, wanted, granted.as_deref().unwrap_or_default(), &now).await;
        let mut ours = cx.prior.map(M::holders).unwrap_or_default();
        ours.extend(granted.iter().flatten().cloned());
        let place = permissions::place(vsphere, &entity).await;
        for (i, n) in grants::replaced(&now, &wanted, &ours) {
            let role = permissions::role_name(vsphere, n.role_id).await;
            let at = M::PERMISSIONS.index(i).field(PermissionModel::USER_OR_GROUP);
            let detail = format!(
                "It already has the role {role}. vSphere keeps one role per principal: this permission replaces it."
            );
            cx.warn(at, format!("{} already has a permission on {place}", n.principal), detail);
        }
        let Changes { set, mut revoke } = changes(&now, &wanted, authoritative, granted.as_deref());
        revoke.retain(|p| !is_fixed(cx.private(GLOBAL), p));
        if authoritative && !revoke.is_empty() {
            let detail =
                format!("`authoritative` is set, and the configuration does not name:\n{}", listed(&revoke));
            cx.warn(M::AUTHORITATIVE, format!("Grants on {place} will be revoked"), detail);
            planned.unknown(M::UNMANAGED_PERMISSIONS);
        }
        permissions::guard(vsphere, &entity, &set, &revoke, planned.allow_lockout.get()).await
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        let adopts = cx.private(GRANTED).is_none() && !state.authoritative.get();
        if adopts && cx.private(IMPORT).is_some() {
            // Nothing is going to be revoked.
            return Ok(Diagnostics::default());
        }
        let Some(entity) = state.existing(vsphere).await? else { return Ok(Diagnostics::default()) };
        let mut revoked = state.permissions(Some(&entity))?;
        let mut warnings = Diagnostics::default();
        if adopts {
            let is_root = entity.id == vsphere.api.root_folder().id;
            revoked = adopted(&state.holders(), &revoked, is_root);
            let place = permissions::place(vsphere, &entity).await;
            let detail = format!(
                "Another provider wrote the state, which does not show which of the permissions are its own. As with that \
                 provider, all that the state has are revoked:\n{}",
                listed(&revoked)
            );
            warnings = Diagnostics::warning(
                AttributePath::root(),
                format!("Permissions on {place} will be revoked"),
                detail,
            );
        }
        permissions::guard(vsphere, &entity, &[], &revoked, state.allow_lockout.get()).await?;
        Ok(warnings)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let entity = plan.entity(cx.client()).await?;
        let made = M { id: entity.id.to_string().into(), ..plan };
        apply(cx, &made, &entity).await?;
        Ok(made)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(entity) = state.existing(vsphere).await? else { return Ok(None) };
        let Some(all) = permissions::direct(vsphere, &entity).await? else { return Ok(None) };
        let in_state = state.holders();
        let granted = cx.private(GRANTED).as_ref().map(from_json);
        let ours = match &granted {
            _ if state.authoritative.get() => None,
            Some(granted) => Some(granted.clone()),
            // A state of the official provider: what it holds. An import: everything.
            None if in_state.is_empty() => None,
            None => Some(in_state.clone()),
        };
        let fixed = cx.private(GLOBAL);
        let is_ours = |p: &Permission| {
            ours.as_ref().is_none_or(|all| all.iter().any(|h| h.is(p))) && !is_fixed(fixed.as_ref(), p)
        };
        let (mine, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_ours);
        // The names of the configuration, where vCenter has others.
        let holder = |p: &Permission| granted.iter().flatten().find(|h| h.is(p));
        let order: Vec<Holder> = in_state
            .iter()
            .map(|s| granted.iter().flatten().find(|h| h.is_named(&s.named, s.is_group)).unwrap_or(s).clone())
            .collect();
        let named = |p: Permission| match holder(&p) {
            Some(h) => Permission { principal: h.shown(&p).to_owned(), ..p },
            None => p,
        };
        let mine = grants::in_order(mine, &order).into_iter().map(named).collect();
        Ok(Some(M {
            id: entity.id.to_string().into(),
            permissions: models(mine),
            unmanaged_permissions: models(grants::in_order(others, &[])),
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        let entity = plan.entity(cx.client()).await?;
        apply(cx, &plan, &entity).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let Some(entity) = state.existing(vsphere).await? else { return Ok(()) };
        let turn = vsphere.run::<Grants>().turn(&entity).await;
        let Some(now) = permissions::direct(vsphere, &entity).await? else { return Ok(()) };
        let granted = cx.private(GRANTED).as_ref().map(from_json);
        let authoritative = state.authoritative.get();
        let mut revoked = match (&granted, authoritative) {
            (None, false) if cx.private(IMPORT).is_some() => {
                let place = permissions::place(vsphere, &entity).await;
                let detail = format!(
                    "The state was imported. It does not show which of these grants on {place} are its own and which are \
                     others':\n{}\nThey stay. Revoke by hand what is to go.",
                    listed(&now)
                );
                cx.warn(AttributePath::root(), "No permission was revoked", detail);
                return Ok(());
            }
            (None, false) => adopted(&state.holders(), &now, entity.id == vsphere.api.root_folder().id),
            _ => changes(&now, &[], authoritative, granted.as_deref()).revoke,
        };
        revoked.retain(|p| !turn.has(p));
        permissions::guard(vsphere, &entity, &[], &revoked, state.allow_lockout.get()).await?;
        let left = permissions::revoke(vsphere, &entity, &revoked).await?;
        if !left.is_empty() {
            let (summary, detail) = permissions::global(&left);
            cx.warn(AttributePath::root(), summary, detail);
        }
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let entity = if id.starts_with('/') {
            resolve::object_at(vsphere, id).await?
        } else {
            let (ty, id) = match id.split_once(':') {
                Some((ty, id)) => (Some(ty), id),
                None => (None, id),
            };
            resolve::resolve(vsphere, id, ty, M::ENTITY_ID, M::ENTITY_TYPE).await?
        };
        permissions::planned(vsphere, &entity, M::ENTITY_ID).await?;
        cx.set_private(IMPORT, true.into());
        Ok(M {
            id: entity.id.to_string().into(),
            entity_id: entity.id.to_string().into(),
            entity_type: entity.ty.to_string().into(),
            ..M::default()
        })
    }
}

/// The changes. Permissions are revoked if this provider granted them and they are no longer declared; other undeclared
/// ones only if the configuration is authoritative.
fn changes(
    now: &[Permission],
    wanted: &[Permission],
    authoritative: bool,
    granted: Option<&[Holder]>,
) -> Changes {
    grants::changes(now, wanted, |p| authoritative || granted.is_some_and(|all| all.iter().any(|h| h.is(p))))
}

/// The configured grants, and the undeclared ones of the state, in the order of the state where it has them.
fn with_undeclared(
    prior: &M,
    config: &[Permission],
    undeclared: &[usize],
    configured: &[PermissionModel],
) -> Value<Vec<PermissionModel>> {
    let mut rest: Vec<(&Permission, &PermissionModel)> = config.iter().zip(configured).collect();
    let mut out = vec![];
    for (i, p) in prior.permissions.get().into_iter().enumerate() {
        if undeclared.contains(&i) {
            out.push(p);
            continue;
        }
        let (name, is_group) = (Principal::new(p.user_or_group.as_str()), p.is_group.get());
        if let Some(at) =
            rest.iter().position(|(c, _)| c.is_group == is_group && Principal::new(&c.principal) == name)
        {
            let (_, model) = rest.remove(at);
            out.push(PermissionModel { user_or_group: p.user_or_group, ..model.clone() });
        }
    }
    out.extend(rest.into_iter().map(|(_, m)| m.clone()));
    out.into()
}

async fn apply(cx: &Cx<'_, EntityPermissions>, plan: &M, entity: &MoRef) -> Result<()> {
    let vsphere = cx.client();
    // The plan may carry undeclared' grants on; the configuration says which are ours.
    let configured = cx.config().unwrap_or(plan).permissions(Some(entity))?;
    let granted = cx.private(GRANTED).as_ref().map(from_json);
    let mut turn = vsphere.run::<Grants>().turn(entity).await;
    let now = permissions::direct(vsphere, entity).await?.unwrap_or_default();
    let mut wanted =
        as_stored(vsphere, configured.clone(), granted.as_deref().unwrap_or_default(), &now).await;
    let authoritative = plan.authoritative.get();
    let fixed = cx.private(GLOBAL);
    let Changes { set, mut revoke } = changes(&now, &wanted, authoritative, granted.as_deref());
    revoke.retain(|p| (authoritative || !turn.has(p)) && !is_fixed(fixed.as_ref(), p));
    permissions::guard(vsphere, entity, &set, &revoke, plan.allow_lockout.get()).await?;
    if !set.is_empty() {
        let stored = permissions::set(vsphere, entity, &now, &set, |fault| blame(fault, &wanted)).await?;
        for (sent, stored) in set.iter().zip(stored) {
            let sent = Holder::of(sent);
            wanted.iter_mut().filter(|w| sent.is(w)).for_each(|w| w.principal.clone_from(&stored.principal));
        }
        // What has just been granted under another name is not revoked under its own.
        revoke.retain(|p| !wanted.iter().any(|w| Holder::of(w).is(p)));
    }
    // From here on they are ours, also if a revocation fails.
    wanted.iter().for_each(|p| turn.note(p));
    let named = |(w, c): (&Permission, &Permission)| Holder { named: c.principal.clone(), ..Holder::of(w) };
    let mut holders: Vec<Holder> = wanted.iter().zip(&configured).map(named).collect();
    cx.set_private(GRANTED, to_json(&holders));
    cx.checkpoint(plan);
    match permissions::revoke(vsphere, entity, &revoke).await {
        Ok(left) => {
            if !left.is_empty() {
                let (summary, detail) = permissions::global(&left);
                cx.warn(M::AUTHORITATIVE, summary, detail);
                let mut all = left;
                all.extend(now.into_iter().filter(|p| is_fixed(fixed.as_ref(), p)));
                cx.set_private(GLOBAL, fixed_to_json(&all));
            }
            Ok(())
        }
        Err(problems) => {
            holders.extend(granted.unwrap_or_default());
            cx.set_private(GRANTED, to_json(&holders));
            Err(problems)
        }
    }
}

fn blame(fault: &FaultKind, wanted: &[Permission]) -> Option<AttributePath> {
    match fault {
        FaultKind::UserNotFound { principal } => {
            let name = Principal::new(principal);
            let place = wanted.iter().position(|p| Principal::new(&p.principal) == name);
            let block = |i| M::PERMISSIONS.index(i).field(PermissionModel::USER_OR_GROUP);
            Some(place.map_or_else(|| M::PERMISSIONS.into(), block))
        }
        FaultKind::NotFound => Some(M::PERMISSIONS.into()),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::ENTITY_ID.into()),
        _ => None,
    }
}
