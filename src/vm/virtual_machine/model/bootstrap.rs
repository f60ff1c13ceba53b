//! What a guest gets for its first boot.
use tf_framework::{Model, Secret, Value};

/// The cloud-init data of the guest. It is written when the virtual machine is created, and when it changes. cloud-init
/// applies it at the first boot with a new `instance_id`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CloudInitModel {
    /// The metadata, as JSON or YAML, such as the result of the function `cloud_init_metadata`. The instance ID, the host
    /// name and the network configuration are added to it. Not available if `transport` is `ovf`.
    #[tf(optional)]
    pub metadata: Value<String>,
    /// The host name of the guest (`local-hostname`).
    #[tf(optional)]
    pub hostname: Value<String>,
    /// The network configuration, as JSON or YAML, in a format that cloud-init supports.
    #[tf(optional)]
    pub network_config: Value<String>,
    /// The user data, such as a `#cloud-config` document. It is not encoded in the configuration.
    #[tf(optional, sensitive)]
    pub user_data: Value<Secret>,
    /// A write-only alternative to `user_data`, which is stored in neither the plan nor the state. Requires
    /// `user_data_wo_version`, and Terraform 1.11 or later.
    #[tf(optional, write_only, sensitive)]
    pub user_data_wo: Value<Secret>,
    /// The version of `user_data_wo`. Changing this writes `user_data_wo` again.
    #[tf(optional)]
    pub user_data_wo_version: Value<i64>,
    /// The vendor data. Not available if `transport` is `ovf`.
    #[tf(optional, sensitive)]
    pub vendor_data: Value<Secret>,
    /// The instance ID. cloud-init runs again in the guest if it changes. Defaults to the instance UUID of the virtual
    /// machine, and does not change when the data changes.
    #[tf(optional, computed)]
    pub instance_id: Value<String>,
    /// The encoding of the data: `gzip+base64` or `base64`. Defaults to `gzip+base64`. If `transport` is `ovf`, it is always
    /// `base64`.
    #[tf(optional, one_of("gzip+base64", "base64"))]
    pub encoding: Value<String>,
    /// How the data reaches the guest: `guestinfo` (keys of `extra_config` that begin with `guestinfo.`) or `ovf` (vApp
    /// properties, which are added to the virtual machine). Defaults to `guestinfo`. Changing vApp properties requires the
    /// virtual machine to be powered off.
    #[tf(optional, one_of("guestinfo", "ovf"))]
    pub transport: Value<String>,
}

/// The Ignition configuration of the guest, in `guestinfo.ignition.config.data`. Ignition applies it at the first boot.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct IgnitionModel {
    /// The Ignition configuration, as JSON. Butane configurations must be translated first.
    #[tf(optional, sensitive)]
    pub config: Value<Secret>,
    /// A write-only alternative to `config`, which is stored in neither the plan nor the state. Requires
    /// `config_wo_version`, and Terraform 1.11 or later.
    #[tf(optional, write_only, sensitive)]
    pub config_wo: Value<Secret>,
    /// The version of `config_wo`. Changing this writes `config_wo` again.
    #[tf(optional)]
    pub config_wo_version: Value<i64>,
    /// The encoding of the configuration: `gzip+base64` or `base64`. Defaults to `gzip+base64`.
    #[tf(optional, one_of("gzip+base64", "base64"))]
    pub encoding: Value<String>,
}
