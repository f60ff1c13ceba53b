//! `data.vsphere_user_privileges`
use crate::access::permissions;
use crate::common::entity;
use crate::common::resolve;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{DataCx, DataSource, Field, Model, Result, Value};
use vsphere_client::{FaultKind, MoRef};

/// Returns the privileges that a user has on objects, through any roles and groups, and which of a given list are
/// missing. Useful in `check` blocks and preconditions.
///
/// Needs vSphere API 6.0.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_user_privileges", category = "Security")]
pub struct UserPrivilegesModel {
    /// The user.
    #[tf(computed)]
    pub id: Value<String>,
    /// The user, as `DOMAIN\name` or `name@domain`.
    #[tf(required, check = permissions::principal)]
    pub user: Value<String>,
    /// The privileges that the user should have on every one of the objects.
    #[tf(optional)]
    pub privileges: Value<BTreeSet<String>>,
    /// The privileges that the user has, by the id of the object; sorted.
    #[tf(computed)]
    pub granted: Value<BTreeMap<String, Vec<String>>>,
    /// Those of `privileges` that the user lacks, by the id of the object; sorted. Objects with nothing missing are not
    /// in it.
    #[tf(computed)]
    pub missing: Value<BTreeMap<String, Vec<String>>>,
    /// Whether the user lacks nothing of `privileges` on any of the objects.
    #[tf(computed)]
    pub complete: Value<bool>,
    /// An object to look at.
    #[tf(block, min = 1)]
    pub entity: Value<Vec<EntityModel>>,
}

/// An object to look at.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct EntityModel {
    /// The managed object id, for example `group-v3`; `root` for the root folder.
    #[tf(required, form = entity::id)]
    pub entity_id: Value<String>,
    /// The type of the object, for example `Folder`. Seen from the id where that shows it.
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
