//! `data.vsphere_key_provider`
use super::type_name;
use crate::common::key_providers::named;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::crypto::KeyProvider as Provider;

/// Finds a key provider by name, or the default key provider of vCenter.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_key_provider", category = "Security")]
pub struct KeyProviderData {
    /// The name of the key provider, for use as a `key_provider_id`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the key provider. If omitted, the default key provider is found.
    #[tf(optional, computed, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The type of the key provider: `native`, `standard`, or another type that vCenter reports, such as `trustAuthority`.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// Whether the key provider is the default of vCenter.
    #[tf(computed)]
    pub default: Value<bool>,
    /// Whether a native key provider can only be used on hosts with a TPM 2.0.
    #[tf(computed)]
    pub tpm_required: Value<bool>,
    /// Whether a native key provider has been backed up. Virtual machines cannot be encrypted with it before.
    #[tf(computed)]
    pub has_backup: Value<bool>,
    /// The ID of the key of a native key provider.
    #[tf(computed)]
    pub key_id: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct KeyProvider;

type M = KeyProviderData;

impl DataSource for KeyProvider {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let all = cx.client.api.key_providers().list().await.doing("list the key providers")?;
        let found = chosen(&all, config.name.non_empty().map(String::as_str))?.clone();
        Ok(M {
            id: found.id.clone().into(),
            name: found.id.into(),
            r#type: type_name(&found.ty).to_owned().into(),
            default: found.is_default.into(),
            tpm_required: found.tpm_required.into(),
            has_backup: found.has_backup.into(),
            key_id: found.key_id.into(),
        })
    }
}

/// The key provider of a name, or the default one. Pure.
fn chosen<'a>(all: &'a [Provider], name: Option<&str>) -> Result<&'a Provider> {
    let Some(name) = name else {
        return all.iter().find(|p| p.is_default).ok_or_else(|| {
            let detail =
                "None of the key providers of vCenter is the default. Set `name`, or make one the default.";
            Diagnostics::error(AttributePath::root(), "There is no default key provider", detail)
        });
    };
    named(all, name, M::NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::key_providers::native;

    #[test]
    fn a_provider_is_found_by_name_or_as_the_default() {
        let all = [native("a", false, true), native("b", true, true)];
        assert_eq!(chosen(&all, Some("a")).unwrap().id, "a");
        assert_eq!(chosen(&all, None).unwrap().id, "b");
        let error = |all: &[Provider], name| chosen(all, name).unwrap_err().to_string();
        assert!(error(&all, Some("c")).contains("\"a\", \"b\""));
        assert!(error(&all[..1], None).contains("no default key provider"));
        assert!(error(&[], Some("c")).contains("does not have any key providers"));
    }
}
