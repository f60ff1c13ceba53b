//! The configured provider: what resources and data sources get.
use std::sync::Arc;
use std::time::Duration;
use vsphere_client::{Client, Slots};

/// The configured provider: what resources get.
pub struct Vsphere {
    /// The connection.
    pub api: Client,
    /// Who is logged in, as configured.
    pub user: String,
    /// How long a task may take unless its resource says otherwise.
    pub timeout: Duration,
    state: Slots,
}

impl Vsphere {
    /// A connection at the beginning of a run.
    pub(crate) fn new(api: Client, user: String, timeout: Duration) -> Self {
        Self { api, user, timeout, state: Slots::default() }
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
