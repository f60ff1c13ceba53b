//! Deployment from an OVF package.
use std::collections::BTreeMap;
use tf_framework::{Model, Value};

/// An OVF package to deploy.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct OvfDeployModel {
    /// The path of an `.ovf` or `.ova` file where the provider runs.
    #[tf(optional)]
    pub local_ovf_path: Value<String>,
    /// The URL of an `.ovf` or `.ova` file.
    #[tf(optional)]
    pub remote_ovf_url: Value<String>,
    /// Whether the certificate behind `remote_ovf_url` is not checked.
    #[tf(optional)]
    pub allow_unverified_ssl_cert: Value<bool>,
    /// The deployment option of the package; left out, its default.
    #[tf(optional)]
    pub deployment_option: Value<String>,
    /// How disks take space: `thin`, `thick`, `flat`, `eagerZeroedThick`, `sameAsSource`, ….
    #[tf(optional)]
    pub disk_provisioning: Value<String>,
    /// Whether properties that the package hides can be set.
    #[tf(optional, default = false)]
    pub enable_hidden_properties: Value<bool>,
    /// How addresses are given: `dhcpPolicy`, `transientPolicy`, `fixedPolicy` or `fixedAllocatedPolicy`.
    #[tf(optional)]
    pub ip_allocation_policy: Value<String>,
    /// `IPv4` or `IPv6`.
    #[tf(optional)]
    pub ip_protocol: Value<String>,
    /// The managed object ids of networks, by the names that the package has for them.
    #[tf(optional)]
    pub ovf_network_map: Value<BTreeMap<String, String>>,
}
