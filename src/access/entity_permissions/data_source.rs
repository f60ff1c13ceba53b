//! `data.vsphere_entity_permissions`
use crate::common::entity;
use crate::common::resolve;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Lists the permissions in effect on an entity, both its own and inherited ones, and the entity on which each
/// permission is defined.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_entity_permissions", category = "Security")]
pub struct EntityPermissionsModel {
    /// The managed object ID of the entity.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the entity, such as `group-v3`. Use `root` for the root folder of vCenter. If
    /// `entity_type` is set, the UUID of a distributed switch and the BIOS UUID or instance UUID of a virtual machine
    /// are also accepted.
    #[tf(required, form = entity::id)]
    pub entity_id: Value<String>,
    /// The type of the entity, such as `Folder`. Can be omitted if the managed object ID identifies the type, as
    /// `group-v3` does.
    #[tf(optional, computed)]
    pub entity_type: Value<String>,
    /// The permissions, sorted by principal.
    #[tf(computed)]
    pub permissions: Value<Vec<PermissionModel>>,
}

/// A permission.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PermissionModel {
    /// The name of the user or group.
    #[tf(computed)]
    pub user_or_group: Value<String>,
    /// Whether `user_or_group` is a group.
    #[tf(computed)]
    pub is_group: Value<bool>,
    /// The ID of the role.
    #[tf(computed)]
    pub role_id: Value<String>,
    /// The name of the role.
    #[tf(computed)]
    pub role_name: Value<String>,
    /// Whether the permission propagates to the objects below the entity that it is defined on.
    #[tf(computed)]
    pub propagate: Value<bool>,
    /// Whether the permission is inherited from an object above the entity.
    #[tf(computed)]
    pub inherited: Value<bool>,
    /// The managed object ID of the entity that the permission is defined on.
    #[tf(computed)]
    pub entity_id: Value<String>,
    /// The type of the entity that the permission is defined on.
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
