//! `data.vsphere_entity_permissions`
use crate::common::entity;
use crate::common::resolve;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Lists the permissions that are in force on an entity: its own and the inherited ones, with where they come from.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_entity_permissions", category = "Security")]
pub struct EntityPermissionsModel {
    /// The managed object id of the entity.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object id of the entity, for example `group-v3`; `root` for the root folder.
    #[tf(required, form = entity::id)]
    pub entity_id: Value<String>,
    /// The type of the entity, for example `Folder`. Seen from the id where that shows it.
    #[tf(optional, computed)]
    pub entity_type: Value<String>,
    /// The permissions, by principal.
    #[tf(computed)]
    pub permissions: Value<Vec<PermissionModel>>,
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PermissionModel {
    /// The user or group.
    #[tf(computed)]
    pub user_or_group: Value<String>,
    /// Whether `user_or_group` is a group.
    #[tf(computed)]
    pub is_group: Value<bool>,
    /// The id of the role.
    #[tf(computed)]
    pub role_id: Value<String>,
    /// The name of the role.
    #[tf(computed)]
    pub role_name: Value<String>,
    /// Whether the role is granted on everything below the place of the grant too.
    #[tf(computed)]
    pub propagate: Value<bool>,
    /// Whether the permission is inherited from an object above.
    #[tf(computed)]
    pub inherited: Value<bool>,
    /// The ID of the object that the permission is set on.
    #[tf(computed)]
    pub entity_id: Value<String>,
    /// The type of the object that the permission is set on.
    #[tf(computed)]
    pub entity_type: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct EntityPermissions;

type M = EntityPermissionsModel;

impl DataSource for EntityPermissions {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let vsphere = cx.client;
        let ty = config.entity_type.known().map(String::as_str);
        let entity =
            resolve::resolve(vsphere, config.entity_id.as_str(), ty, M::ENTITY_ID, M::ENTITY_TYPE).await?;
        let found = vsphere.api.authorization().permissions(&entity, true).await;
        let mut found = found.doing(format!("read the permissions on {entity}"))?;
        let roles = vsphere.api.authorization().roles().await;
        let roles = roles.doing("list the roles")?;
        found.sort_by_key(|p| (p.principal.to_lowercase(), p.is_group));
        let models = found.into_iter().map(|p| {
            let place = p.entity.unwrap_or_else(|| entity.clone());
            let role = roles.iter().find(|r| r.id == p.role_id);
            PermissionModel {
                user_or_group: p.principal.into(),
                is_group: p.is_group.into(),
                role_id: p.role_id.to_string().into(),
                role_name: role.map(|r| r.name.clone()).into(),
                propagate: p.propagate.into(),
                inherited: (place.id != entity.id).into(),
                entity_id: place.id.to_string().into(),
                entity_type: place.ty.to_string().into(),
            }
        });
        let permissions: Vec<_> = models.collect();
        Ok(M {
            id: entity.id.to_string().into(),
            entity_type: entity.ty.to_string().into(),
            permissions: permissions.into(),
            ..config
        })
    }
}
