//! `data.vsphere_user_privileges`
use crate::access::permissions;
use crate::common::entity;
use crate::common::resolve;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{DataCx, DataSource, Field, Model, Result, Value};
use vsphere_client::{FaultKind, MoRef};

/// Returns the effective privileges of a user on entities, including the privileges of the user's groups, and reports
/// missing privileges. Useful in `check` blocks and preconditions.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_user_privileges", category = "Security")]
pub struct UserPrivilegesModel {
    /// The name of the user.
    #[tf(computed)]
    pub id: Value<String>,
    /// The user, as `DOMAIN\name` or `name@domain`.
    #[tf(required, check = permissions::principal)]
    pub user: Value<String>,
    /// The IDs of the privileges that the user must have on every entity.
    #[tf(optional)]
    pub privileges: Value<BTreeSet<String>>,
    /// The user's effective privileges: a map of `entity_id` to a sorted list of privilege IDs.
    #[tf(computed)]
    pub granted: Value<BTreeMap<String, Vec<String>>>,
    /// The privileges in `privileges` that the user lacks: a map of `entity_id` to a sorted list of privilege IDs.
    /// Entities on which no privilege is missing are not in the map.
    #[tf(computed)]
    pub missing: Value<BTreeMap<String, Vec<String>>>,
    /// Whether the user has all of `privileges` on every entity.
    #[tf(computed)]
    pub complete: Value<bool>,
    /// An entity on which to check the user's privileges.
    #[tf(block, min = 1)]
    pub entity: Value<Vec<EntityModel>>,
}

/// An entity on which to check the user's privileges.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct EntityModel {
    /// The managed object ID of the entity, such as `group-v3`. Use `root` for the root folder of vCenter. If
    /// `entity_type` is set, the UUID of a distributed switch and the BIOS UUID or instance UUID of a virtual machine
    /// are also accepted.
    #[tf(required, form = entity::id)]
    pub entity_id: Value<String>,
    /// The type of the entity, such as `Folder`. Can be omitted if the managed object ID identifies the type, as
    /// `group-v3` does.
    #[tf(optional)]
    pub entity_type: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct UserPrivileges;

type M = UserPrivilegesModel;

/// What of `wanted` is missing from each. Pure.
fn missing(
    granted: &BTreeMap<String, Vec<String>>,
    wanted: &BTreeSet<String>,
) -> BTreeMap<String, Vec<String>> {
    let lacking = granted.iter().map(|(id, has)| {
        let has: BTreeSet<&String> = has.iter().collect();
        (id.clone(), wanted.iter().filter(|w| !has.contains(w)).cloned().collect::<Vec<_>>())
    });
    lacking.filter(|(_, m)| !m.is_empty()).collect()
}

impl DataSource for UserPrivileges {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let vsphere = cx.client;
        let mut objects: Vec<(String, MoRef)> = vec![];
        for e in config.entity.get() {
            let ty = e.entity_type.known().map(String::as_str);
            let (id_field, type_field) = (EntityModel::ENTITY_ID, EntityModel::ENTITY_TYPE);
            let object = resolve::resolve(vsphere, e.entity_id.as_str(), ty, id_field, type_field).await?;
            objects.push((e.entity_id.get(), object));
        }
        let user = config.user.get();
        let refs: Vec<MoRef> = objects.iter().map(|(_, o)| o.clone()).collect();
        let found = vsphere.api.authorization().fetch_user_privileges(&refs, &user).await;
        let found = found.doing_to(format!("read the privileges of {user}"), blame)?;
        let granted: BTreeMap<String, Vec<String>> = objects
            .into_iter()
            .map(|(id, object)| {
                let mut has: Vec<String> = found
                    .iter()
                    .filter(|f| f.entity.id == object.id)
                    .flat_map(|f| f.privileges.clone())
                    .collect();
                has.sort();
                has.dedup();
                (id, has)
            })
            .collect();
        let missing = missing(&granted, &config.privileges.get());
        Ok(M {
            id: user.into(),
            complete: missing.is_empty().into(),
            missing: missing.into(),
            granted: granted.into(),
            ..config
        })
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::UserNotFound { .. } => Some(M::USER),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::ENTITY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lacks_something_is_missing() {
        let granted = BTreeMap::from([
            ("a".to_owned(), vec!["X".to_owned(), "Y".to_owned()]),
            ("b".to_owned(), vec!["X".to_owned()]),
        ]);
        let wanted = BTreeSet::from(["X".to_owned(), "Y".to_owned()]);
        assert_eq!(missing(&granted, &wanted), BTreeMap::from([("b".to_owned(), vec!["Y".to_owned()])]));
    }
}
