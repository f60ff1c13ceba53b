//! The configured provider: what resources and data sources get.
use crate::common::cluster::Turns;
use crate::common::machine::Seen;
use crate::common::once::Once;
use crate::grants::Grants;
use crate::plan_registry::PlanRegistry;
use crate::resources::Unmanaged;
use crate::run_notes::RunNotes;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tf_framework::AttributePath;
use vsphere_client::policy::Policy;
use vsphere_client::vim::types::CustomizationSpecItem;
use vsphere_client::virtual_machine::{EvcMode, Neighbor, VirtualMachine};
use vsphere_client::{Client, MoRef};

/// The configured provider: what resources get.
pub struct Vsphere {
    /// The connection.
    pub api: Client,
    /// Who is logged in, as configured.
    pub user: String,
    /// What this run has planned so far.
    pub(crate) plans: PlanRegistry,
    /// What this run has read and planned that other plans have to know.
    pub(crate) notes: RunNotes,
    /// Whose turn it is to write permissions, and what this run has granted.
    pub(crate) grants: Grants,
    /// Whose turn it is to change a cluster.
    pub(crate) clusters: Turns,
    /// Where virtual machines were seen last.
    pub(crate) machines: Seen,
    /// What is looked up once in a run.
    pub(crate) lookups: Lookups,
    /// How long a task may take unless its resource says otherwise.
    pub timeout: Duration,
}

/// What virtual machines that are made in one run have in common: many are clones of one template in one folder.
#[derive(Default)]
pub(crate) struct Lookups {
    /// Folders of virtual machines, by the id of a resource pool in their datacenter and their path.
    pub(crate) folders: Once<(String, String), MoRef>,
    /// Clusters and the like, by the id of a resource pool.
    pub(crate) computes: Once<String, MoRef>,
    /// Clusters without DRS, by their ids; nothing for those that have it.
    pub(crate) unmanaged: Once<String, Option<Arc<Unmanaged>>>,
    /// How many hosts were chosen in such clusters.
    pub(crate) turns: AtomicUsize,
    /// A time of the server's clock before anything that the run has made.
    pub(crate) began: Once<(), String>,
    /// What is cloned, by what names it.
    pub(crate) templates: Once<String, (MoRef, Arc<VirtualMachine>)>,
    /// The snapshots that this run has taken.
    pub(crate) snapshots: std::sync::Mutex<std::collections::BTreeSet<String>>,
    /// What holds a resource pool, by the ids of the pool and of a host.
    pub(crate) grounds: Once<(String, String), Arc<crate::resources::Ground>>,
    /// What is in a folder.
    pub(crate) children: Once<MoRef, Arc<Vec<vsphere_client::Found>>>,
    /// Guests that hosts were asked about, by the browser, the host, the hardware version and the guest.
    pub(crate) guests: Once<(String, String, u32, String), Option<String>>,
    /// The hardware versions that hosts make virtual machines of.
    pub(crate) versions: Once<String, Arc<Vec<u32>>>,
    /// Customization specifications that the vCenter keeps, by name.
    pub(crate) customizations: Once<String, Arc<CustomizationSpecItem>>,
    /// The storage policies that there are.
    pub(crate) policies: Once<(), Arc<Vec<Policy>>>,
    /// How vCenter spells users and groups (`true`), by how the configuration spells them.
    pub(crate) principals: Once<(String, bool), Vec<String>>,
    /// The virtual machines that have files on datastores, by the ids of those.
    pub(crate) neighbors: Once<Vec<String>, Arc<Vec<(MoRef, Neighbor)>>>,
    /// The EVC modes that the vCenter knows.
    pub(crate) evc_modes: Once<(), Arc<Vec<EvcMode>>>,
}

/// The root of a diagnostic that is about the whole object.
pub(crate) fn whole() -> AttributePath {
    AttributePath::root()
}
