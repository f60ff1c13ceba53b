//! `data.vsphere_sso_user`
use crate::access::sso;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a user of vCenter Single Sign-On by name.
///
/// The user that the provider connects as must be an administrator of vCenter Single Sign-On.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_sso_user", category = "Security")]
pub struct SsoUserData {
    /// The ID of the user, in the form `name@domain`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the user, without the domain.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The domain of the user. Defaults to the local domain, such as `vsphere.local`.
    #[tf(optional, computed)]
    pub domain: Value<String>,
    /// The first name of the user.
    #[tf(computed)]
    pub first_name: Value<String>,
    /// The last name of the user.
    #[tf(computed)]
    pub last_name: Value<String>,
    /// The email address of the user.
    #[tf(computed)]
    pub email_address: Value<String>,
    /// The description of the user.
    #[tf(computed)]
    pub description: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct SsoUser;

type M = SsoUserData;

impl DataSource for SsoUser {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let vsphere = cx.client;
        let id = sso::of_name(vsphere, config.name.as_str(), config.domain.as_str()).await?;
        let found = vsphere.api.sso().person(&id).await.doing(format!("look up SSO user `{id}`"))?;
        let Some(user) = found else {
            return Err(sso::not_found(M::NAME, "user", &id, &sso::domain(vsphere).await?));
        };
        Ok(M {
            id: user.id.to_string().into(),
            domain: user.id.domain.into(),
            first_name: user.details.first_name.into(),
            last_name: user.details.last_name.into(),
            email_address: user.details.email_address.into(),
            description: user.details.description.into(),
            ..config
        })
    }
}
