//! What users and groups of vCenter Single Sign-On have in common.
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Diagnostics, Field, Result};
use vsphere_client::sso::PrincipalId;

/// What an import ID may be, after "Import by ".
pub(crate) const IMPORT: &str = "the name and the domain, such as ann@vsphere.local, by DOMAIN\\name, or, for the local domain, by the \
                                 name";

/// The name and the domain of an ID: `name@domain`, `DOMAIN\name`, or a name without a domain.
pub(crate) fn parts(id: &str) -> (&str, Option<&str>) {
    if let Some((domain, name)) = id.split_once('\\') {
        return (name, Some(domain));
    }
    match id.rsplit_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() => (name, Some(domain)),
        _ => (id, None),
    }
}

/// The local domain.
pub(crate) async fn domain(vsphere: &Vsphere) -> Result<String> {
    vsphere.api.sso().domain().await.doing("read the domain of vCenter Single Sign-On")
}

/// The principal of an ID; without a domain, the one of the local domain.
pub(crate) async fn of_id(vsphere: &Vsphere, id: &str) -> Result<PrincipalId> {
    let (name, domain) = parts(id);
    of_name(vsphere, name, domain.unwrap_or_default()).await
}

/// The principal of a name; without a domain, the one of the local domain.
pub(crate) async fn of_name(vsphere: &Vsphere, name: &str, in_domain: &str) -> Result<PrincipalId> {
    let in_domain = if in_domain.is_empty() { domain(vsphere).await? } else { in_domain.to_owned() };
    Ok(PrincipalId::new(name, in_domain))
}

/// The local domain for a plan; `None` where there is no connection, or where vCenter does not return it.
pub(crate) async fn planned_domain(vsphere: Option<&Vsphere>) -> Result<Option<String>> {
    let Some(vsphere) = vsphere else { return Ok(None) };
    vsphere.api.sso().known_domain().await.doing("read the domain of vCenter Single Sign-On")
}

/// Whether a domain is another than the local one; an empty one is not known.
fn is_external(domain: &str, local: &str) -> bool {
    !domain.is_empty() && domain.to_lowercase() != local.to_lowercase()
}

/// Only principals of the local domain can be created, changed and deleted. `action` completes "Unable to …".
///
/// # Errors
/// The domain is known to be another one.
pub(crate) fn local_only(
    at: impl Into<AttributePath>,
    action: &str,
    domain: &str,
    local: &str,
) -> Result<()> {
    if !is_external(domain, local) {
        return Ok(());
    }
    let detail = format!(
        "`{domain}` is not the local domain, which is `{local}`. vCenter can create, change and delete users and groups of the \
         local domain only; those of another domain are managed by its identity provider."
    );
    Err(Diagnostics::error(at, format!("Unable to {action}"), detail))
}

/// Deletes a user or a group of the local domain. `kind` is `user` or `group`.
pub(crate) async fn delete(vsphere: &Vsphere, id: &str, kind: &str) -> Result<()> {
    let local = domain(vsphere).await?;
    let id = of_id(vsphere, id).await?;
    let action = format!("delete SSO {kind} `{id}`");
    local_only(AttributePath::root(), &action, &id.domain, &local)?;
    vsphere.api.sso().delete(&id.name).await.doing(action)
}

/// A name that is taken. `kind` is `user` or `group`.
pub(crate) fn exists(at: Field, kind: &str, id: &PrincipalId) -> Diagnostics {
    let detail =
        format!("Choose another name, or import the existing {kind}: terraform import <address> '{id}'.");
    Diagnostics::error(at, format!("SSO {kind} `{id}` already exists"), detail)
}

/// A look-up without a result. `kind` is `user` or `group`.
pub(crate) fn not_found(
    at: impl Into<AttributePath>,
    kind: &str,
    id: &PrincipalId,
    local: &str,
) -> Diagnostics {
    let detail = format!(
        "The {kind} `{id}` does not exist. Check the name and the domain: the local domain is `{local}`, and others are the \
         identity sources of vCenter Single Sign-On."
    );
    Diagnostics::error(at, format!("SSO {kind} not found"), detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_framework::Value;

    #[test]
    fn ids_fall_into_name_and_domain() {
        for (id, name, domain) in [
            ("ann@vsphere.local", "ann", Some("vsphere.local")),
            ("a@b@vsphere.local", "a@b", Some("vsphere.local")),
            ("CORP\\ann", "ann", Some("CORP")),
            ("ann", "ann", None),
            ("@vsphere.local", "@vsphere.local", None),
            ("ann@", "ann@", None),
        ] {
            assert_eq!(parts(id), (name, domain), "{id}");
        }
    }

    #[test]
    fn domains_are_compared_without_their_case() {
        assert!(!is_external("VSPHERE.LOCAL", "vsphere.local"));
        assert!(!is_external(Value::Null.as_str(), "vsphere.local") && !is_external("", "vsphere.local"));
        assert!(is_external("corp.example", "vsphere.local"));
    }
}
