//! vSAN of a cluster. The settings are in the schema, so that configurations and states of the official provider are
//! accepted; this version does not change them.
use std::collections::BTreeSet;
use tf_framework::{Diagnostics, Field, Fields, Model, Value};

/// What the configuration sets of vSAN. Flattened into the model of a cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Vsan {
    /// Whether to enable vSAN on the cluster.
    #[tf(optional, default = false)]
    pub vsan_enabled: Value<bool>,
    /// Whether to use the vSAN Express Storage Architecture (ESA). Requires vSphere 8.0 or later.
    #[tf(optional, default = false, conflicts_with("vsan_dedup_enabled", "vsan_compression_enabled"))]
    pub vsan_esa_enabled: Value<bool>,
    /// Whether to enable vSAN deduplication. Requires `vsan_compression_enabled`.
    #[tf(optional, default = false, conflicts_with("vsan_esa_enabled"))]
    pub vsan_dedup_enabled: Value<bool>,
    /// Whether to enable vSAN compression.
    #[tf(optional, default = false, conflicts_with("vsan_esa_enabled"))]
    pub vsan_compression_enabled: Value<bool>,
    /// Whether to enable the vSAN performance service.
    #[tf(optional, default = false)]
    pub vsan_performance_enabled: Value<bool>,
    /// Whether to enable verbose mode for the vSAN performance service.
    #[tf(optional, default = false)]
    pub vsan_verbose_mode_enabled: Value<bool>,
    /// Whether to enable network diagnostic mode for the vSAN performance service.
    #[tf(optional, default = false)]
    pub vsan_network_diagnostic_mode_enabled: Value<bool>,
    /// Whether to enable vSAN TRIM/UNMAP, which reclaims storage space that guests no longer use.
    #[tf(optional, default = false)]
    pub vsan_unmap_enabled: Value<bool>,
    /// The managed object IDs of the vSAN datastores of other clusters to mount.
    #[tf(optional, count(0, 5))]
    pub vsan_remote_datastore_ids: Value<BTreeSet<String>>,
    /// Whether to enable vSAN data-in-transit encryption.
    #[tf(optional, default = false)]
    pub vsan_dit_encryption_enabled: Value<bool>,
    /// The rekey interval for data-in-transit encryption, in minutes.
    #[tf(optional, computed, range(30, 10_080))]
    pub vsan_dit_rekey_interval: Value<i64>,
    /// A vSAN disk group on a host: a cache disk and its capacity disks.
    #[tf(block, computed)]
    pub vsan_disk_group: Value<Vec<VsanDiskGroup>>,
    /// The vSAN fault domains of the cluster.
    #[tf(block, set)]
    pub vsan_fault_domains: Value<Vec<VsanFaultDomains>>,
    /// The sites and the witness host of a vSAN stretched cluster.
    #[tf(block, max = 1)]
    pub vsan_stretched_cluster: Value<Vec<VsanStretchedCluster>>,
}

/// A disk group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanDiskGroup {
    /// The canonical name of the cache disk.
    #[tf(optional)]
    pub cache: Value<String>,
    /// The canonical names of the capacity disks.
    #[tf(optional)]
    pub storage: Value<BTreeSet<String>>,
}

/// Fault domains.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanFaultDomains {
    /// A fault domain: a set of hosts that can fail together.
    #[tf(block, set)]
    pub fault_domain: Value<Vec<VsanFaultDomain>>,
}

/// A fault domain: hosts that fail together.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanFaultDomain {
    /// The name of the fault domain.
    #[tf(required)]
    pub name: Value<String>,
    /// The managed object IDs of the hosts in the fault domain.
    #[tf(required)]
    pub host_ids: Value<BTreeSet<String>>,
}

/// A stretched cluster.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VsanStretchedCluster {
    /// The managed object IDs of the hosts in the preferred fault domain.
    #[tf(required)]
    pub preferred_fault_domain_host_ids: Value<BTreeSet<String>>,
    /// The managed object IDs of the hosts in the secondary fault domain.
    #[tf(required)]
    pub secondary_fault_domain_host_ids: Value<BTreeSet<String>>,
    /// The managed object ID of the witness host.
    #[tf(required)]
    pub witness_node: Value<String>,
    /// The name of the preferred fault domain.
    #[tf(optional, default = "Preferred")]
    pub preferred_fault_domain_name: Value<String>,
    /// The name of the secondary fault domain.
    #[tf(optional, default = "Secondary")]
    pub secondary_fault_domain_name: Value<String>,
}

impl Vsan {
    /// An error for each setting that a plan changes, or that a new cluster would not have. Pure.
    pub fn check(&self, prior: Option<&Self>) -> Diagnostics {
        let none = Self::default();
        let before = prior.unwrap_or(&none);
        let mut fields = vec![];
        self.each(&mut |slot, _| fields.push(Field(slot.name)));
        let mut out = Diagnostics::default();
        for field in fields {
            let (was, is) = (before.value(field), self.value(field));
            if was == is || is.is_unknown() || was.is_zero() && is.is_zero() {
                continue;
            }
            let detail = format!(
                "This version of the provider does not change the settings of vSAN. Leave `{}` as it is in vCenter, or out of \
                 the configuration.",
                field.0
            );
            out.merge(Diagnostics::error(field, "vSAN is not supported yet", detail));
        }
        out
    }

    /// What a creation has left open is off. Pure.
    #[must_use]
    pub fn known(self) -> Self {
        let open = (self.vsan_dit_rekey_interval.is_unknown(), self.vsan_disk_group.is_unknown());
        Self {
            vsan_dit_rekey_interval: if open.0 { 0.into() } else { self.vsan_dit_rekey_interval },
            vsan_disk_group: if open.1 { vec![].into() } else { self.vsan_disk_group },
            ..self
        }
    }
}
