//! `data.vsphere_role`
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Finds a role by its label. The role can be predefined, such as `Read-only`, or user-defined.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_role", category = "Security")]
pub struct RoleModel {
    /// The ID of the role.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The label of the role, as shown in the vSphere Client. The label of a user-defined role is its name.
    #[tf(required)]
    pub label: Value<String>,
    /// The name of the role. Predefined roles have an internal name, such as `ReadOnly`.
    #[tf(optional, computed)]
    pub name: Value<String>,
    /// The description of the role.
    #[tf(optional, computed)]
    pub description: Value<String>,
    /// The IDs of the privileges in the role, sorted.
    #[tf(optional, computed)]
    pub role_privileges: Value<Vec<String>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct Role;

impl DataSource for Role {
    type Model = RoleModel;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: RoleModel) -> Result<RoleModel> {
        let label = config.label.get();
        let roles = cx.client.api.authorization().roles().await;
        let roles = roles.doing("list the roles")?;
        let Some(role) = roles.iter().find(|r| r.label == label) else {
            let names: Vec<&str> = roles.iter().map(|r| r.label.as_str()).collect();
            let near = did_you_mean(&label, names.iter().copied());
            let detail = format!("The roles are: {}.{near}", names.join(", "));
            return Err(Diagnostics::error(RoleModel::LABEL, format!("There is no role {label:?}"), detail));
        };
        let mut privileges = role.privileges.clone();
        privileges.sort();
        Ok(RoleModel {
            id: role.id.to_string().into(),
            name: role.name.clone().into(),
            description: role.summary.clone().into(),
            role_privileges: privileges.into(),
            ..config
        })
    }
}
