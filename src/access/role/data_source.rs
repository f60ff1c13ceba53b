//! `data.vsphere_role`
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};

/// Finds a role by its label: one of vCenter's own, such as `Read-only`, or another.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_role", category = "Security")]
pub struct RoleModel {
    /// The id of the role.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The label of the role, as the vSphere Client shows it. Of a role that a user made, it is the name.
    #[tf(required)]
    pub label: Value<String>,
    /// The name of the role; of vCenter's own roles the internal one, such as `ReadOnly`.
    #[tf(optional, computed)]
    pub name: Value<String>,
    /// What the role is for.
    #[tf(optional, computed)]
    pub description: Value<String>,
    /// The ids of its privileges, sorted.
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
