//! `vsphere_sso_user`
pub mod data_source;
use crate::access::sso;
use crate::common::adopt::create_or_adopt;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::sync::Arc;
use tf_framework::same::ignore_case;
use tf_framework::{AttributePath, Cx, Field, Model, Plan, PlanCx, Resource, Result, Secret, Value};
use vsphere_client::sso::{PersonDetails, PrincipalId};
use vsphere_client::vim::xml;

/// Manages a user in the local domain of vCenter Single Sign-On.
///
/// The user that the provider connects as must be an administrator of vCenter Single Sign-On. vCenter does not return
/// passwords: password changes outside Terraform are not detected, and the first apply after an import sets the
/// configured password. Users in other domains can be imported, but not created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_sso_user", category = "Security")]
pub struct SsoUserModel {
    /// The ID of the user, in the form `name@domain`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the user, without the domain.
    #[tf(required, force_new, same = ignore_case, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The domain of the user. Defaults to the local domain, such as `vsphere.local`, which is the only domain in which
    /// users can be created.
    #[tf(optional, computed, force_new, same = ignore_case)]
    pub domain: Value<String>,
    /// The password of the user. The password is stored in the state; to avoid this, use `password_wo`. Exactly one of
    /// `password` and `password_wo` must be set.
    #[tf(optional, sensitive, exactly_one_of("password", "password_wo"))]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    #[tf(optional, write_only, sensitive)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Change this whenever `password_wo` changes: the next apply then sets
    /// the current `password_wo`.
    #[tf(optional)]
    pub password_wo_version: Value<String>,
    /// The first name of the user.
    #[tf(optional)]
    pub first_name: Value<String>,
    /// The last name of the user.
    #[tf(optional)]
    pub last_name: Value<String>,
    /// The email address of the user.
    #[tf(optional)]
    pub email_address: Value<String>,
    /// The description of the user.
    #[tf(optional)]
    pub description: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct SsoUser;

type M = SsoUserModel;

impl M {
    fn details(&self) -> PersonDetails {
        PersonDetails {
            description: self.description.get(),
            email_address: self.email_address.get(),
            first_name: self.first_name.get(),
            last_name: self.last_name.get(),
        }
    }
}

/// The password that is sent to vCenter, and its attribute: the write-only one is in the configuration only.
fn password(plan: &M, config: Option<&M>) -> Option<(xml::Secret, Field)> {
    let write_only = config.and_then(|c| c.password_wo.known()).map(|p| (p, M::PASSWORD_WO));
    let given = write_only.or(plan.password.known().map(|p| (p, M::PASSWORD)));
    given.map(|(p, at)| (xml::Secret::new(p.expose()), at))
}

/// Whether an update sets the password: it is another one, or another version of the write-only one, or the write-only
/// one takes the place of the other.
fn is_new_password(prior: &M, plan: &M) -> bool {
    prior.password != plan.password || prior.password_wo_version != plan.password_wo_version
}

/// A failed call that sets a password, with the policy if the password did not meet it.
async fn with_policy(
    vsphere: &Vsphere,
    done: vsphere_client::Result<()>,
    doing: String,
    (at, domain): (Field, &str),
) -> Result<()> {
    let refused = done.as_ref().err().and_then(vsphere_client::Error::fault).is_some_and(|fault| {
        fault.name.contains("Password") || fault.message.to_lowercase().contains("password")
    });
    let Err(mut problems) = done.doing_to(doing, |_| refused.then_some(at)) else { return Ok(()) };
    if refused && let Ok(policy) = vsphere.api.sso().password_policy().await {
        for problem in &mut problems.0 {
            problem.detail += &format!("\nThe password policy of `{domain}` is: {policy}.");
        }
    }
    Err(problems)
}

impl Resource for SsoUser {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = sso::IMPORT;

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(local) = sso::planned_domain(cx.client).await? else { return Ok(()) };
        let is_new = cx.prior.is_none() || cx.is_replacement();
        if is_new {
            let action = format!("create SSO user `{}`", planned.name.as_str());
            sso::local_only(M::DOMAIN, &action, cx.config.domain.as_str(), &local)?;
        }
        if is_new && cx.config.domain.is_null() {
            planned.set(M::DOMAIN, local.into());
        } else if let Some(prior) = cx.prior.filter(|_| cx.changed) {
            let action = format!("change SSO user `{}`", prior.id.as_str());
            sso::local_only(M::DOMAIN, &action, prior.domain.as_str(), &local)?;
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, local) = (&vsphere.api.sso(), sso::domain(vsphere).await?);
        let id = &PrincipalId::new(plan.name.as_str(), &local);
        let action = format!("create SSO user `{}`", plan.name.as_str());
        sso::local_only(M::DOMAIN, &action, plan.domain.as_str(), &local)?;
        if api.person(id).await.doing(format!("look up SSO user `{id}`"))?.is_some() {
            return Err(sso::exists(M::NAME, "user", id));
        }
        let (secret, at) = password(&plan, cx.config()).unwrap_or((xml::Secret::new(""), M::PASSWORD));
        let make = async { api.create_person(&id.name, &plan.details(), &secret).await };
        let after = |_: Arc<()>| async move { Ok(api.person(id).await?.map(|_| ())) };
        let title = format!("SSO user `{id}`");
        let done = create_or_adopt(cx, &title, async { Ok(()) }, make, after).await;
        with_policy(vsphere, done, format!("create {title}"), (at, &local)).await?;
        Ok(M { id: id.to_string().into(), domain: local.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let id = sso::of_id(vsphere, state.id.as_str()).await?;
        let found = vsphere.api.sso().person(&id).await.doing(format!("read SSO user `{id}`"))?;
        Ok(found.map(|user| M {
            name: user.id.name.into(),
            domain: user.id.domain.into(),
            first_name: user.details.first_name.into(),
            last_name: user.details.last_name.into(),
            email_address: user.details.email_address.into(),
            description: user.details.description.into(),
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, local) = (vsphere.api.sso(), sso::domain(vsphere).await?);
        let id = sso::of_id(vsphere, prior.id.as_str()).await?;
        sso::local_only(M::DOMAIN, &format!("change SSO user `{id}`"), &id.domain, &local)?;
        if prior.details() != plan.details() {
            let done = api.update_person(&id.name, &plan.details()).await;
            done.doing(format!("change SSO user `{id}`"))?;
            cx.checkpoint(&M {
                password: prior.password.clone(),
                password_wo_version: prior.password_wo_version.clone(),
                ..plan.clone()
            });
        }
        if is_new_password(&prior, &plan)
            && let Some((secret, at)) = password(&plan, cx.config())
        {
            let done = api.reset_password(&id.name, &secret).await;
            with_policy(vsphere, done, format!("set the password of SSO user `{id}`"), (at, &local)).await?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        sso::delete(cx.client(), state.id.as_str(), "user").await
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let id = sso::of_id(vsphere, id).await?;
        match vsphere.api.sso().person(&id).await.doing(format!("look up SSO user `{id}`"))? {
            Some(user) => Ok(M { id: user.id.to_string().into(), ..M::default() }),
            None => Err(sso::not_found(AttributePath::root(), "user", &id, &sso::domain(vsphere).await?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Value<Secret> {
        Value::Known(text.into())
    }

    #[test]
    fn write_only_password_replaces_the_stored_one() {
        let plan = M { password: secret("stored"), ..M::default() };
        let config = M { password_wo: secret("write-only"), ..M::default() };
        let sent = |plan: &M, config| password(plan, config).map(|(p, at)| (p.expose().to_owned(), at));
        assert_eq!(sent(&plan, Some(&plan)), Some(("stored".to_owned(), M::PASSWORD)));
        assert_eq!(sent(&M::default(), Some(&config)), Some(("write-only".to_owned(), M::PASSWORD_WO)));
        assert_eq!(sent(&M::default(), None), None);
    }

    #[test]
    fn password_is_set_when_it_or_its_version_changes() {
        let stored = |text: &str| M { password: secret(text), ..M::default() };
        let version = |text: &str| M { password_wo_version: text.into(), ..M::default() };
        assert!(!is_new_password(&stored("a"), &stored("a")) && is_new_password(&stored("a"), &stored("b")));
        assert!(
            !is_new_password(&version("1"), &version("1")) && is_new_password(&version("1"), &version("2"))
        );
        // After an import, and where the write-only one takes the place of the other.
        assert!(is_new_password(&M::default(), &stored("a")) && is_new_password(&stored("a"), &M::default()));
    }
}
