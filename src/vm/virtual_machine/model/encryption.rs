//! The encryption of a virtual machine.
use tf_framework::{Model, Value};

/// The encryption of a virtual machine.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct EncryptionModel {
    /// The name of the key provider. Changing this rekeys the virtual machine. If omitted, a virtual machine that is not
    /// encrypted yet is encrypted with the default key provider, and one that is encrypted keeps its key provider.
    #[tf(optional, pattern(r"\S", "a name that is not blank"))]
    pub key_provider_id: Value<String>,
    /// The ID of the key of the key provider. Changing this rekeys the virtual machine. If omitted, vSphere generates a key,
    /// and an existing key is kept.
    #[tf(optional, required_with("key_provider_id"), pattern(r"\S", "an ID that is not blank"))]
    pub key_id: Value<String>,
    /// How the virtual machine is rekeyed: `shallow` changes the key that encrypts the keys of the virtual machine and its
    /// disks, also while it is powered on. `deep` also encrypts all data again, which requires the virtual machine to be
    /// powered off and can take long. Defaults to `shallow`.
    #[tf(optional, default = "shallow", one_of("shallow", "deep"))]
    pub rekey: Value<String>,
    /// An arbitrary string that, when changed, rekeys the virtual machine.
    #[tf(optional)]
    pub rekey_trigger: Value<String>,
    /// Whether removing the `encryption` block decrypts the virtual machine. Must be applied before the block is removed; if
    /// it is not `true`, plans that remove the block of an encrypted virtual machine are rejected.
    #[tf(optional)]
    pub allow_decrypt: Value<bool>,
}
