//! Global permissions (REST): permissions of no entity, which may propagate to all objects of the vCenter.
//!
//! From vSphere 9.0 on they have the service `vcenter/authorization/permissions`. Before, there is
//! `com.vmware.cis.authz.permission`, which later versions deprecate; in which version it came is not documented.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use vim_types::xml::ApiVersion;

use crate::authorization::{Authorization, Permission, Principal};
use crate::core::rest::{Call, escape, null_is_empty};
use crate::error::Result;
use crate::snapshot::{Epoch, Snapshot};

const SERVICE: &str = "vcenter/authorization/permissions";
const SINCE: ApiVersion = ApiVersion::new([9, 0, 0, 0]);
/// The object of a global permission: its type and its ID.
const GLOBAL: &str = "GlobalAcl";
const OLDER: &str = "/rest/com/vmware/cis/authz/permission";
const OLDER_TYPE: &str = "PermissionFolder";
const OLDER_ID: &str = "global-permission";

/// What is known of global permissions.
#[derive(Default)]
struct State {
    all: Snapshot<Arc<[GlobalPermission]>>,
    writes: Epoch,
}

/// A global permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalPermission {
    /// The ID, which only the server understands.
    pub id: String,
    /// The permission; it has no entity.
    pub permission: Permission,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Deserialize)]
struct Who {
    #[serde(rename = "type")]
    ty: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    name: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    domain: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    user_name: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    group_name: String,
}

#[derive(Deserialize)]
struct Info {
    object: Object,
    principal: Who,
    role: String,
    propagating: bool,
}

#[derive(Deserialize)]
struct Item {
    permission: String,
    info: Info,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
    #[serde(default, deserialize_with = "null_is_empty")]
    marker: String,
}

/// A permission of the older service.
#[derive(Deserialize)]
struct OlderInfo {
    id: String,
    resource_id: Object,
    principal: Who,
    #[serde(default, deserialize_with = "null_is_empty")]
    role_id: Vec<String>,
    propagate: bool,
}

/// The older service wraps its answers in every dialect.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer<T> {
    Wrapped { value: T },
    Plain(T),
}

impl<T> Answer<T> {
    fn into_inner(self) -> T {
        match self {
            Answer::Wrapped { value } | Answer::Plain(value) => value,
        }
    }
}

impl Who {
    fn is_group(&self) -> bool {
        self.ty == "GROUP"
    }

    /// `DOMAIN\name`.
    fn spelling(&self) -> String {
        match (self.domain.as_str(), self.name.as_str()) {
            ("", "") => format!("{}{}", self.user_name, self.group_name),
            ("", name) => name.to_owned(),
            (domain, name) => format!("{domain}\\{name}"),
        }
    }
}

fn permission(who: &Who, role: &str, propagate: bool) -> Option<Permission> {
    let role_id = role.parse().ok()?;
    Some(Permission { entity: None, principal: who.spelling(), is_group: who.is_group(), role_id, propagate })
}

impl Item {
    fn global(self) -> Option<GlobalPermission> {
        let info = self.info;
        if info.object.ty != GLOBAL {
            return None;
        }
        let permission = permission(&info.principal, &info.role, info.propagating)?;
        Some(GlobalPermission { id: self.permission, permission })
    }
}

impl OlderInfo {
    fn global(self) -> Option<GlobalPermission> {
        if self.resource_id.ty != OLDER_TYPE {
            return None;
        }
        let permission = permission(&self.principal, self.role_id.first()?, self.propagate)?;
        Some(GlobalPermission { id: self.id, permission })
    }
}

fn kind(is_group: bool) -> &'static str {
    if is_group { "GROUP" } else { "USER" }
}

/// What creates a permission in the service of 9.0.
fn spec(p: &Permission) -> Value {
    let (domain, name) = Principal::new(&p.principal).parts();
    let mut principal = json!({ "type": kind(p.is_group), "name": name });
    if let Some(domain) = domain {
        principal["domain"] = domain.into();
    }
    json!({
        "object": { "type": GLOBAL, "id": GLOBAL },
        "principal": principal,
        "role": p.role_id.to_string(),
        "propagating": p.propagate,
    })
}

/// What creates a permission in the older service.
fn older_spec(p: &Permission) -> Value {
    let (domain, name) = Principal::new(&p.principal).parts();
    let name = domain.map_or(name.clone(), |domain| format!("{domain}\\{name}"));
    let field = if p.is_group { "group_name" } else { "user_name" };
    json!({ "create_spec": {
        "resource_id": { "type": OLDER_TYPE, "id": OLDER_ID },
        "principal": { "type": kind(p.is_group), field: name },
        "role_id": [p.role_id.to_string()],
        "propagate": p.propagate,
    } })
}

/// A call of the older service, whose path is the same in every dialect.
fn older<'a>(call: Call<'a>, id: Option<&str>, action: &str) -> Call<'a> {
    let id = id.map(|id| format!("/id:{}", escape(id))).unwrap_or_default();
    let path = format!("{OLDER}{id}{action}");
    call.paths(path.clone(), path)
}

impl Authorization<'_> {
    fn globals(&self) -> Arc<State> {
        self.client.core().slot()
    }

    fn is_older(&self) -> bool {
        self.client.api_version() < SINCE
    }

    /// All global permissions. Readers at the same time share one request.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with 404 where the server has no such service, and those of any call.
    pub async fn global_permissions(&self) -> Result<Arc<[GlobalPermission]>> {
        let state = self.globals();
        let all = state.all.get(&state.writes, async || self.read_globals().await).await?;
        Ok(Arc::clone(&all))
    }

    async fn read_globals(&self) -> Result<Arc<[GlobalPermission]>> {
        let core = self.client.core();
        if self.is_older() {
            let call = older(Call::post(OLDER).repeatable(), None, "?~action=list-detail");
            let all: Answer<Vec<OlderInfo>> = core.rest(call).await?;
            return Ok(all.into_inner().into_iter().filter_map(OlderInfo::global).collect());
        }
        let (mut all, mut marker) = (vec![], String::new());
        loop {
            let body = match marker.as_str() {
                "" => json!({ "filter": { "objects": [{ "type": GLOBAL, "id": GLOBAL }] } }),
                marker => json!({ "iterate": { "marker": marker } }),
            };
            let call = Call::post(SERVICE).action("list").repeatable().parameters(body);
            let page: Page = core.rest(call).await?;
            all.extend(page.items.into_iter().filter_map(Item::global));
            if page.marker.is_empty() || page.marker == marker {
                return Ok(all.into());
            }
            marker = page.marker;
        }
    }

    /// Grants a global permission. Needs `Authorization.ModifyPermissions` on the root folder.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with `ALREADY_EXISTS` for a principal that has one, with `INVALID_ARGUMENT`
    /// for an unknown principal or role, and those of any call.
    pub async fn add_global_permission(&self, p: &Permission) -> Result<()> {
        let state = self.globals();
        let _writing = state.writes.writing();
        let call = match self.is_older() {
            true => older(Call::post(OLDER), None, "").parameters(older_spec(p)),
            false => Call::post(SERVICE).parameters(spec(p)),
        };
        self.client.core().rest::<Value>(call).await.map(drop)
    }

    /// Changes the role and the propagation of a global permission. The older service cannot change one: it is removed
    /// and granted again, and as it was if the new one is refused. Needs `Authorization.ModifyPermissions` on the root
    /// folder.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with 404 when there is none, with `RESOURCE_BUSY` when no administrator would
    /// be left, and those of any call.
    pub async fn update_global_permission(&self, was: &GlobalPermission, p: &Permission) -> Result<()> {
        if self.is_older() {
            self.remove_global_permission(&was.id).await?;
            let changed = self.add_global_permission(p).await;
            if changed.is_err()
                && let Err(error) = self.add_global_permission(&was.permission).await
            {
                tracing::warn!(%error, principal = p.principal, "a global permission was removed and could not be granted again");
            }
            return changed;
        }
        let state = self.globals();
        let _writing = state.writes.writing();
        let body = json!({ "role": p.role_id.to_string(), "is_propagating": p.propagate });
        self.client.core().rest(Call::patch(SERVICE, &was.id).parameters(body)).await
    }

    /// Revokes a global permission. Needs `Authorization.ModifyPermissions` on the root folder.
    ///
    /// # Errors
    /// [`Error::Rest`](crate::Error::Rest) with 404 when there is none, with `RESOURCE_BUSY` when no administrator would
    /// be left, and those of any call.
    pub async fn remove_global_permission(&self, id: &str) -> Result<()> {
        let state = self.globals();
        let _writing = state.writes.writing();
        let call = match self.is_older() {
            true => older(Call::delete(OLDER, id), Some(id), ""),
            false => Call::delete(SERVICE, id),
        };
        self.client.core().rest::<Value>(call).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann(is_group: bool) -> Permission {
        Permission { entity: None, principal: "CORP\\ann".into(), is_group, role_id: -2, propagate: true }
    }

    #[test]
    fn permissions_of_both_services_are_read() {
        let item = json!({ "permission": "p1", "info": {
            "object": { "type": "GlobalAcl", "id": "GlobalAcl" },
            "principal": { "type": "USER", "name": "ann", "domain": "CORP" },
            "role": "-2", "propagating": true,
        } });
        let read: Item = serde_json::from_value(item.clone()).unwrap();
        assert_eq!(read.global(), Some(GlobalPermission { id: "p1".into(), permission: ann(false) }));
        let mut of_entity = item;
        of_entity["info"]["object"]["type"] = "Folder".into();
        assert_eq!(serde_json::from_value::<Item>(of_entity).unwrap().global(), None);

        let list = json!([{
            "id": "groupname=CORP\\ann;doc=urn:acl:global:permissions",
            "resource_id": { "type": "PermissionFolder", "id": "global-permission" },
            "principal": { "type": "GROUP", "group_name": "CORP\\ann" },
            "role_id": ["-2"], "propagate": true,
        }]);
        for answer in [list.clone(), json!({ "value": list })] {
            let read: Answer<Vec<OlderInfo>> = serde_json::from_value(answer).unwrap();
            let read: Vec<_> = read.into_inner().into_iter().filter_map(OlderInfo::global).collect();
            assert_eq!(read.len(), 1);
            assert_eq!(read[0].permission, ann(true));
        }
    }

    #[test]
    fn principals_are_sent_as_each_service_spells_them() {
        let at = Permission { principal: "ann@CORP".into(), ..ann(false) };
        for p in [ann(false), at] {
            assert_eq!(spec(&p)["principal"], json!({ "type": "USER", "name": "ann", "domain": "CORP" }));
            let older = &older_spec(&p)["create_spec"]["principal"];
            assert_eq!(*older, json!({ "type": "USER", "user_name": "CORP\\ann" }));
        }
        let bare = Permission { principal: "ann".into(), ..ann(true) };
        assert_eq!(spec(&bare)["principal"], json!({ "type": "GROUP", "name": "ann" }));
        assert_eq!(
            older_spec(&bare)["create_spec"]["principal"],
            json!({ "type": "GROUP", "group_name": "ann" })
        );
    }
}
