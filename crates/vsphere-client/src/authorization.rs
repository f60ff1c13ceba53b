//! `AuthorizationManager`: roles, privileges, permissions, and who may do what.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use vim_types::methods::{
    AddAuthorizationRole, FetchUserPrivilegeOnEntities, HasPrivilegeOnEntities, HasUserPrivilegeOnEntities,
    MergePermissions, RemoveAuthorizationRole, RemoveEntityPermission, ResetEntityPermissions,
    RetrieveAllPermissions, RetrieveEntityPermissions, RetrieveRolePermissions, RetrieveUserGroups,
    SetEntityPermissions, UpdateAuthorizationRole,
};
use vim_types::types::{self, AuthorizationPrivilege, AuthorizationRole, EntityPrivilege};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::{Error, FaultKind, Result};
use crate::snapshot::{Epoch, Snapshot};

/// What is known of roles and privileges.
#[derive(Default)]
struct State {
    roles: Snapshot<Arc<[Role]>>,
    role_writes: Epoch,
    /// Privileges change only when an extension is registered: once per process is enough.
    privileges: tokio::sync::OnceCell<Arc<[Privilege]>>,
}

/// A role: a named set of privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The id. Roles of the system have ids below zero or small ones (-1 is Admin).
    pub id: i32,
    /// The name, unique among roles; for a role of the system the internal one (`Admin`, `ReadOnly`).
    pub name: String,
    /// The name to show (`Administrator`).
    pub label: String,
    /// What it is for; empty for roles that users made.
    pub summary: String,
    /// Whether it comes with the system and cannot be changed.
    pub system: bool,
    /// The ids of its privileges. The server adds `System.Anonymous`, `System.Read` and `System.View` to any.
    pub privileges: Vec<String>,
}

/// A privilege.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privilege {
    /// The id (`VirtualMachine.Config.AddNewDisk`).
    pub id: String,
    /// The last part of the id.
    pub name: String,
    /// The group (`VirtualMachine.Config`).
    pub group: String,
    /// Whether it has to be held on the parent of the object that is worked on.
    pub on_parent: bool,
}

/// That a principal has a role on an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The entity it is defined on; nothing when it is sent, for it is named beside.
    pub entity: Option<MoRef>,
    /// The user or group, as the server spells it; compare with [`Principal`].
    pub principal: String,
    /// Whether the principal is a group.
    pub is_group: bool,
    /// The id of the role.
    pub role_id: i32,
    /// Whether it holds for everything below the entity too.
    pub propagate: bool,
}

/// Which privileges someone has on an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityPrivileges {
    /// The entity.
    pub entity: MoRef,
    /// The ids of the privileges.
    pub privileges: Vec<String>,
}

/// The name of a user or group, compared as vCenter does.
///
/// Equal are: `DOMAIN\name` and `name@domain`, in any mixture of upper and lower case (ASCII and beyond).
/// The name may hold `@` itself (`a@b@domain`: the last one counts) but not a backslash. A name without a
/// domain (`root`) equals only the same name without a domain. Not equal are the short (NetBIOS) and the full
/// name of one domain (`CORP\jo` and `jo@corp.example.com`): only the identity provider knows that.
/// What is shown keeps the spelling.
///
/// ```
/// use vsphere_client::Principal;
/// assert_eq!(Principal::new("VSPHERE.LOCAL\\Administrator"), Principal::new("administrator@vsphere.local"));
/// assert_ne!(Principal::new("root"), Principal::new("root@localos"));
/// assert_eq!(Principal::new("CORP\\Jo").to_string(), "CORP\\Jo");
/// ```
#[derive(Clone, Debug)]
pub struct Principal {
    spelling: String,
}

impl Principal {
    /// A principal from any spelling.
    pub fn new(spelling: impl Into<String>) -> Self {
        Principal { spelling: spelling.into() }
    }

    /// The spelling it was made from.
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// The domain, and the name without it.
    pub fn parts(&self) -> (Option<String>, String) {
        let text = self.spelling.trim();
        if let Some((domain, name)) = text.split_once('\\') {
            return (Some(domain.to_owned()).filter(|d| !d.is_empty()), name.to_owned());
        }
        match text.rsplit_once('@') {
            Some((name, domain)) => (Some(domain.to_owned()), name.to_owned()),
            None => (None, text.to_owned()),
        }
    }

    /// The one spelling that stands for all equal ones: `name@domain` or `name`, in lower case.
    pub fn canonical(&self) -> String {
        let text = self.spelling.trim().to_lowercase();
        match text.split_once('\\') {
            Some((domain, name)) if !domain.is_empty() => format!("{name}@{domain}"),
            Some((_, name)) => name.to_owned(),
            None => text,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for Principal {}

impl Hash for Principal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

crate::properties! {
    struct RoleList of "AuthorizationManager" {
        roles: Vec<AuthorizationRole> = "roleList",
    }
}

crate::properties! {
    struct PrivilegeList of "AuthorizationManager" {
        privileges: Vec<AuthorizationPrivilege> = "privilegeList",
    }
}

crate::properties! {
    struct Domains of "UserDirectory" {
        domains: Vec<String> = "domainList",
    }
}

/// Whether two names may be those of one domain: equal, or the short name of the other one (`CORP`,
/// `corp.example.com`). Pure.
fn may_be(a: &str, b: &str) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    a == b || (a.contains('.') != b.contains('.') && short(&a) == short(&b))
}

crate::properties! {
    struct DirectPermissions of "ManagedEntity" {
        permissions: Vec<types::Permission> = "permission",
    }
}

/// Roles, privileges and permissions; from [`Client::authorization`].
pub struct Authorization<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Roles, privileges and permissions.
    pub fn authorization(&self) -> Authorization<'_> {
        Authorization { client: self }
    }
}

impl Authorization<'_> {
    fn this(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().authorization_manager, "AuthorizationManager")
    }

    fn state(&self) -> Arc<State> {
        self.client.core().slot()
    }

    /// All roles. Readers at the same time share one request, and what it brought is used again until this
    /// client writes a role, or for half a minute.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn roles(&self) -> Result<Arc<[Role]>> {
        let fetch = async || {
            let list: RoleList = self.client.properties().get(&self.this()?).await?;
            Ok(list.roles.into_iter().map(Role::from).collect::<Arc<[Role]>>())
        };
        let roles = self.state().roles.get(&self.state().role_writes, fetch).await?;
        Ok(Arc::clone(&roles))
    }

    /// The role of that id; nothing when there is none.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn role(&self, id: i32) -> Result<Option<Role>> {
        Ok(self.roles().await?.iter().find(|r| r.id == id).cloned())
    }

    /// The role of that name; nothing when there is none. Names are compared exactly.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn role_by_name(&self, name: &str) -> Result<Option<Role>> {
        Ok(self.roles().await?.iter().find(|r| r.name == name).cloned())
    }

    /// Adds a role and returns its id. Needs `Authorization.ModifyRoles`.
    ///
    /// # Errors
    /// `AlreadyExists`, `InvalidName`, `InvalidArgument` for an unknown privilege, and those of any call.
    pub async fn add_role(&self, name: &str, privileges: &[String]) -> Result<i32> {
        let request =
            AddAuthorizationRole { this: self.this()?, name: name.to_owned(), priv_ids: privileges.to_vec() };
        let id = {
            let state = self.state();
            let _writing = state.role_writes.writing();
            self.client.call(&request).await?
        };
        if id != 0 {
            return Ok(id);
        }
        // No server gives out zero; some do not give out the id at all, so the name has to tell.
        match self.role_by_name(name).await? {
            Some(role) => Ok(role.id),
            None => Err(Error::NotFound {
                kind: "role".to_owned(),
                name: name.to_owned(),
                place: "the list of roles, just after it was added".to_owned(),
            }),
        }
    }

    /// Renames a role and replaces its privileges. Needs `Authorization.ModifyRoles`.
    ///
    /// # Errors
    /// `NotFound`, `InvalidName`, `AlreadyExists`, and those of any call.
    pub async fn update_role(&self, id: i32, name: &str, privileges: &[String]) -> Result<()> {
        let request = UpdateAuthorizationRole {
            this: self.this()?,
            role_id: id,
            new_name: name.to_owned(),
            priv_ids: privileges.to_vec(),
        };
        let state = self.state();
        let _writing = state.role_writes.writing();
        self.client.call(&request).await
    }

    /// Removes a role. With `fail_if_used` a role that permissions name stays and the call fails;
    /// without, these permissions go too. Needs `Authorization.ModifyRoles`.
    ///
    /// # Errors
    /// `NotFound`, `RemoveFailed` (the role is in use), and those of any call.
    pub async fn remove_role(&self, id: i32, fail_if_used: bool) -> Result<()> {
        let request = RemoveAuthorizationRole { this: self.this()?, role_id: id, fail_if_used };
        let state = self.state();
        let _writing = state.role_writes.writing();
        self.client.call(&request).await
    }

    /// Gives all permissions of one role to another. Needs `Authorization.ReassignRolePermissions`.
    ///
    /// # Errors
    /// `NotFound`, `AuthMinimumAdminPermission`, and those of any call.
    pub async fn merge_permissions(&self, from_role: i32, to_role: i32) -> Result<()> {
        let request = MergePermissions { this: self.this()?, src_role_id: from_role, dst_role_id: to_role };
        self.client.call(&request).await
    }

    /// All privileges that the server knows; read once per process.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn privileges(&self) -> Result<Arc<[Privilege]>> {
        let read = || async {
            let list: PrivilegeList = self.client.properties().get(&self.this()?).await?;
            Ok(list.privileges.into_iter().map(Privilege::from).collect::<Arc<[Privilege]>>())
        };
        self.state().privileges.get_or_try_init(read).await.cloned()
    }

    /// The permissions on an entity; with `inherited` also those that hold because of what is above it, each
    /// with the entity that it is defined on.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn permissions(&self, entity: &MoRef, inherited: bool) -> Result<Vec<Permission>> {
        let request = RetrieveEntityPermissions { this: self.this()?, entity: entity.clone(), inherited };
        Ok(self.client.call(&request).await?.into_iter().map(Permission::from).collect())
    }

    /// The permissions that are defined on the entity itself, read in one batch with those of other entities
    /// (the property `permission`).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, `NoPermission`, and those of any call.
    pub async fn direct_permissions(&self, entity: &MoRef) -> Result<Vec<Permission>> {
        let read: DirectPermissions = self.client.properties().get(entity).await?;
        let foreign = |p: &types::Permission| p.entity.as_ref().is_some_and(|e| e.id != entity.id);
        // A permission of a datacenter may be reported on one of its folders, and one of a cluster on its root pool:
        // they have the same permissions. What is defined above the entity is inherited.
        let above = match read.permissions.iter().any(foreign) {
            true => self.client.find().ancestors(entity).await?,
            false => vec![],
        };
        let inherited = |p: &types::Permission| {
            foreign(p) && above.iter().any(|(a, _)| Some(&a.id) == p.entity.as_ref().map(|e| &e.id))
        };
        Ok(read.permissions.into_iter().filter(|p| !inherited(p)).map(Permission::from).collect())
    }

    /// The names that the server has for a user or group (with its domain, `DOMAIN\\name`), where it knows one. A name
    /// without a domain is looked for where the server looks for it.
    ///
    /// Where the server answers without the domain, it is the only one of its domains that has the name. A name that
    /// several have, or that a domain has under another name that does not resemble its own, stays as it was given.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn stored_names(&self, name: &Principal, is_group: bool) -> Result<Vec<String>> {
        let Some(directory) = self.client.service_content().user_directory.clone() else { return Ok(vec![]) };
        let (domain, bare) = name.parts();
        let found = self.search(&directory, domain.clone(), &bare, is_group).await?;
        let [one] = found.as_slice() else { return Ok(found) };
        if one.contains(['\\', '@']) {
            return Ok(found);
        }
        let listed: Domains = self.client.properties().get(&directory).await?;
        let mut having = vec![];
        for listed in listed.domains.iter().filter(|d| domain.as_ref().is_none_or(|x| may_be(x, d))) {
            let same = domain.as_ref().is_some_and(|x| x.eq_ignore_ascii_case(listed));
            if same || !self.search(&directory, Some(listed.clone()), &bare, is_group).await?.is_empty() {
                having.push(listed.as_str());
            }
        }
        Ok(vec![match (having.as_slice(), &domain) {
            ([domain], _) => format!("{domain}\\{one}"),
            (_, Some(domain)) => format!("{domain}\\{one}"),
            _ => one.clone(),
        }])
    }

    /// The users or groups of exactly that name, as the server's directory has them.
    async fn search(
        &self,
        directory: &MoRef,
        domain: Option<String>,
        bare: &str,
        is_group: bool,
    ) -> Result<Vec<String>> {
        let request = RetrieveUserGroups {
            this: directory.clone(),
            domain,
            search_str: bare.to_owned(),
            exact_match: true,
            find_users: !is_group,
            find_groups: is_group,
            ..RetrieveUserGroups::default()
        };
        let found = match self.client.call(&request).await {
            // No such domain.
            Err(e) if matches!(e.fault_kind(), Some(FaultKind::NotFound)) => return Ok(vec![]),
            found => found?,
        };
        Ok(found.into_iter().filter(|f| f.group == is_group).map(|f| f.principal).collect())
    }

    /// All permissions that name a role.
    ///
    /// # Errors
    /// `NotFound`, and those of any call.
    pub async fn role_permissions(&self, role_id: i32) -> Result<Vec<Permission>> {
        let request = RetrieveRolePermissions { this: self.this()?, role_id };
        Ok(self.client.call(&request).await?.into_iter().map(Permission::from).collect())
    }

    /// All permissions of the server.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn all_permissions(&self) -> Result<Vec<Permission>> {
        let request = RetrieveAllPermissions { this: self.this()? };
        Ok(self.client.call(&request).await?.into_iter().map(Permission::from).collect())
    }

    /// Defines permissions on an entity: each replaces that of the same principal, the others stay.
    ///
    /// # Errors
    /// `UserNotFound`, `NotFound` (the role), `AuthMinimumAdminPermission`, and those of any call.
    pub async fn set_permissions(&self, entity: &MoRef, permissions: &[Permission]) -> Result<()> {
        let request = SetEntityPermissions {
            this: self.this()?,
            entity: entity.clone(),
            permission: permissions.iter().map(|p| p.to_wire(entity)).collect(),
        };
        self.client.call(&request).await
    }

    /// Replaces all permissions on an entity.
    ///
    /// # Errors
    /// As [`set_permissions`](Authorization::set_permissions).
    pub async fn reset_permissions(&self, entity: &MoRef, permissions: &[Permission]) -> Result<()> {
        let request = ResetEntityPermissions {
            this: self.this()?,
            entity: entity.clone(),
            permission: permissions.iter().map(|p| p.to_wire(entity)).collect(),
        };
        self.client.call(&request).await
    }

    /// Removes the permission of a principal from an entity.
    ///
    /// # Errors
    /// `NotFound` (there is none), `AuthMinimumAdminPermission`, and those of any call.
    pub async fn remove_permission(&self, entity: &MoRef, principal: &str, is_group: bool) -> Result<()> {
        let request = RemoveEntityPermission {
            this: self.this()?,
            entity: entity.clone(),
            user: principal.to_owned(),
            is_group,
        };
        self.client.call(&request).await
    }

    /// Which of the privileges a session has on each entity; the session's key is in [`Client::session`].
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn has_privileges(
        &self,
        entities: &[MoRef],
        session_id: &str,
        privileges: &[String],
    ) -> Result<Vec<EntityPrivileges>> {
        let request = HasPrivilegeOnEntities {
            this: self.this()?,
            entity: entities.to_vec(),
            session_id: session_id.to_owned(),
            priv_id: privileges.to_vec(),
        };
        Ok(self.client.call(&request).await?.into_iter().map(granted).collect())
    }

    /// Which of the privileges a user has on each entity. API 6.0.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, `UserNotFound`, and those of any call.
    pub async fn has_user_privileges(
        &self,
        entities: &[MoRef],
        user: &str,
        privileges: &[String],
    ) -> Result<Vec<EntityPrivileges>> {
        let request = HasUserPrivilegeOnEntities {
            this: self.this()?,
            entities: entities.to_vec(),
            user_name: user.to_owned(),
            priv_id: privileges.to_vec(),
        };
        Ok(self.client.call(&request).await?.into_iter().map(granted).collect())
    }

    /// All privileges that a user has on each entity, through whatever groups. API 6.0.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, `UserNotFound`, and those of any call.
    pub async fn fetch_user_privileges(
        &self,
        entities: &[MoRef],
        user: &str,
    ) -> Result<Vec<EntityPrivileges>> {
        let request = FetchUserPrivilegeOnEntities {
            this: self.this()?,
            entities: entities.to_vec(),
            user_name: user.to_owned(),
        };
        let results = self.client.call(&request).await?;
        Ok(results
            .into_iter()
            .map(|r| EntityPrivileges { entity: r.entity, privileges: r.privileges })
            .collect())
    }
}

fn granted(answer: EntityPrivilege) -> EntityPrivileges {
    let granted = answer.priv_availability.into_iter().filter(|p| p.is_granted);
    EntityPrivileges { entity: answer.entity, privileges: granted.map(|p| p.priv_id).collect() }
}

impl From<AuthorizationRole> for Role {
    fn from(role: AuthorizationRole) -> Self {
        let info = role.info.base().cloned().unwrap_or_default();
        Role {
            id: role.role_id,
            name: role.name,
            label: info.label,
            summary: info.summary,
            system: role.system,
            privileges: role.privilege,
        }
    }
}

impl From<AuthorizationPrivilege> for Privilege {
    fn from(privilege: AuthorizationPrivilege) -> Self {
        Privilege {
            id: privilege.priv_id,
            name: privilege.name,
            group: privilege.priv_group_name,
            on_parent: privilege.on_parent,
        }
    }
}

impl From<types::Permission> for Permission {
    fn from(permission: types::Permission) -> Self {
        Permission {
            entity: permission.entity,
            principal: permission.principal,
            is_group: permission.group,
            role_id: permission.role_id,
            propagate: permission.propagate,
        }
    }
}

impl Permission {
    fn to_wire(&self, entity: &MoRef) -> types::Permission {
        types::Permission {
            entity: Some(entity.clone()),
            principal: self.principal.clone(),
            group: self.is_group,
            role_id: self.role_id,
            propagate: self.propagate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_equal_in_all_spellings() {
        let same =
            ["VSPHERE.LOCAL\\Administrator", "administrator@vsphere.local", "vsphere.local\\ADMINISTRATOR"];
        for a in same {
            for b in same {
                assert_eq!(Principal::new(a), Principal::new(b));
            }
        }
        assert_eq!(Principal::new("\\root"), Principal::new("Root"));
        assert_eq!(Principal::new("a@b@c").canonical(), "a@b@c");
        assert_ne!(Principal::new("CORP\\jo"), Principal::new("jo@corp.example.com"));
        assert_ne!(Principal::new("jo"), Principal::new("jo@corp"));
    }

    #[test]
    fn domain_may_have_a_short_and_a_full_name() {
        for (a, b, expected) in [
            ("CORP", "corp", true),
            ("CORP", "corp.example.com", true),
            ("corp.example.com", "Corp", true),
            ("corp.example.com", "corp.example.org", false),
            ("CORP", "corporate.example.com", false),
            ("corp", "other", false),
        ] {
            assert_eq!(may_be(a, b), expected, "{a} {b}");
        }
    }
}
