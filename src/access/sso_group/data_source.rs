//! `data.vsphere_sso_group`
use super::{MemberModel, members_of};
use crate::access::sso;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a group of vCenter Single Sign-On by name, and returns its members.
///
/// The user that the provider connects as must be an administrator of vCenter Single Sign-On.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_sso_group", category = "Security")]
pub struct SsoGroupData {
    /// The ID of the group, in the form `name@domain`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the group, without the domain.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The domain of the group. Defaults to the local domain, such as `vsphere.local`.
    #[tf(optional, computed)]
    pub domain: Value<String>,
    /// The description of the group.
    #[tf(computed)]
    pub description: Value<String>,
    /// The users that are members of the group.
    #[tf(computed)]
    pub member_user: Value<Vec<MemberModel>>,
    /// The groups that are members of the group.
    #[tf(computed)]
    pub member_group: Value<Vec<MemberModel>>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct SsoGroup;

type M = SsoGroupData;

impl DataSource for SsoGroup {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, api) = (cx.client, cx.client.api.sso());
        let id = sso::of_name(vsphere, config.name.as_str(), config.domain.as_str()).await?;
        let Some(group) = api.group(&id).await.doing(format!("look up SSO group `{id}`"))? else {
            return Err(sso::not_found(M::NAME, "group", &id, &sso::domain(vsphere).await?));
        };
        let (member_user, member_group) = members_of(vsphere, &group.id).await?;
        Ok(M {
            id: group.id.to_string().into(),
            domain: group.id.domain.into(),
            description: group.description.into(),
            member_user,
            member_group,
            ..config
        })
    }
}
