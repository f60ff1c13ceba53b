//! The configured provider: what resources and data sources get.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use vsphere_client::{Client, Slots};

/// `default_tags`, `ignore_tags` and `ignore_custom_attributes` of the provider block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labeling {
    /// Names of categories, and the name of the tag of each; nothing where the block has none.
    pub default_tags: Option<BTreeMap<String, String>>,
    /// Names of categories and IDs of tags.
    pub ignore_tags: BTreeSet<String>,
    /// Names and IDs of custom attributes.
    pub ignore_custom_attributes: BTreeSet<String>,
}

/// The configured provider: what resources get.
pub struct Vsphere {
    /// The connection.
    pub api: Client,
    /// Who is logged in, as configured.
    pub user: String,
    /// How long a task may take unless its resource says otherwise.
    pub timeout: Duration,
    /// Tags that every object gets, and labels that are left alone.
    pub labels: Labeling,
    state: Slots,
}

impl Vsphere {
    /// A connection at the beginning of a run.
    pub(crate) fn new(api: Client, user: String, timeout: Duration, labels: Labeling) -> Self {
        Self { api, user, timeout, labels, state: Slots::default() }
    }

    /// What this run keeps in memory of one type: what it has looked up, planned or written so far.
    pub(crate) fn run<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.state.get()
    }
}

/// The types of managed object that can carry permissions and tags.
pub const TYPES: &[&str] = &[
    "ClusterComputeResource",
    "ComputeResource",
    "Datacenter",
    "Datastore",
    "DistributedVirtualPortgroup",
    "DistributedVirtualSwitch",
    "Folder",
    "HostSystem",
    "Network",
    "OpaqueNetwork",
    "ResourcePool",
    "StoragePod",
    "VirtualApp",
    "VirtualMachine",
    "VmwareDistributedVirtualSwitch",
];
