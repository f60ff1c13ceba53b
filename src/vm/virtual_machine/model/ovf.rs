//! The OVF package that a virtual machine is deployed from.
use std::collections::BTreeMap;
use tf_framework::{Model, Value};

/// An OVF package to deploy.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct OvfDeployModel {
    /// The path of an `.ovf` or `.ova` file on the system that runs Terraform. The files that an `.ovf` file references
    /// must be in the same directory.
    #[tf(optional)]
    pub local_ovf_path: Value<String>,
    /// The URL (`https` or `http`) of an `.ovf` or `.ova` file. The files that an `.ovf` file references must be at the
    /// same location. All files are transferred through the provider, unless `pull_from_url` is `true`.
    #[tf(optional)]
    pub remote_ovf_url: Value<String>,
    /// Whether ESXi hosts download the disks of the package from `remote_ovf_url` themselves. Only the descriptor is then
    /// transferred through the provider, which also verifies the certificate of the server. The hosts must be able to
    /// connect to the server, and do not use a proxy. Requires vSphere 6.7 or later and the `VApp.PullFromUrls` privilege.
    /// Has no effect on the data source `vsphere_ovf_vm_template`, which does not transfer disks.
    #[tf(optional)]
    pub pull_from_url: Value<bool>,
    /// Whether to skip verification of the certificate of the server in `remote_ovf_url`. Can also be set with the
    /// environment variable `VSPHERE_ALLOW_UNVERIFIED_SSL`.
    #[tf(optional)]
    pub allow_unverified_ssl_cert: Value<bool>,
    /// The ID of the deployment option to use. Defaults to the default deployment option of the package.
    #[tf(optional)]
    pub deployment_option: Value<String>,
    /// The disk provisioning type: `thin`, `thick`, `eagerZeroedThick`, `flat`, `sparse`, `seSparse`,
    /// `monolithicSparse`, `monolithicFlat`, `twoGbMaxExtentSparse`, `twoGbMaxExtentFlat` or `sameAsSource`. If
    /// omitted, vSphere selects the type.
    #[tf(
        optional,
        expected(
            "",
            "thin",
            "thick",
            "eagerZeroedThick",
            "flat",
            "sparse",
            "seSparse",
            "monolithicSparse",
            "monolithicFlat",
            "twoGbMaxExtentSparse",
            "twoGbMaxExtentFlat",
            "sameAsSource"
        )
    )]
    pub disk_provisioning: Value<String>,
    /// Whether `vapp` can set properties that the package marks as not user-configurable.
    #[tf(optional, default = false)]
    pub enable_hidden_properties: Value<bool>,
    /// The IP allocation policy: `dhcpPolicy`, `transientPolicy`, `fixedPolicy` or `fixedAllocatedPolicy`.
    #[tf(
        optional,
        expected(
            "",
            "dhcpPolicy",
            "transientPolicy",
            "fixedPolicy",
            "fixedAllocatedPolicy",
            "STATIC_MANUAL",
            "STATIC_IP_POOL",
            "DHCP"
        )
    )]
    pub ip_allocation_policy: Value<String>,
    /// The IP protocol: `IPv4` or `IPv6`.
    #[tf(optional, expected("", "IPv4", "IPv6"))]
    pub ip_protocol: Value<String>,
    /// A map from the network names of the package to managed object IDs of networks.
    #[tf(optional)]
    pub ovf_network_map: Value<BTreeMap<String, String>>,
}
