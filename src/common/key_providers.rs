//! What is said of key providers.
use crate::nearest::there_are;
use tf_framework::{AttributePath, Diagnostics};
use vsphere_client::crypto::KeyProvider;

/// The key provider of a name.
///
/// # Errors
/// There is none, with those that there are.
pub(crate) fn named<'a>(
    all: &'a [KeyProvider],
    name: &str,
    at: impl Into<AttributePath>,
) -> Result<&'a KeyProvider, Diagnostics> {
    all.iter().find(|p| p.id == name).ok_or_else(|| {
        let names: Vec<String> = all.iter().map(|p| p.id.clone()).collect();
        let detail = there_are("key providers", names, name);
        Diagnostics::error(at, format!("Key provider {name:?} not found"), detail)
    })
}

/// A native key provider for tests.
#[cfg(test)]
pub(crate) fn native(id: &str, is_default: bool, has_backup: bool) -> KeyProvider {
    KeyProvider {
        id: id.into(),
        ty: vsphere_client::crypto::ProviderType::Native,
        servers: vec![],
        is_default,
        is_default_of_entity: false,
        has_backup,
        tpm_required: false,
        key_id: None,
    }
}
