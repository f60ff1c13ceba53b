//! The configured provider: what resources and data sources get.
use crate::common::cluster::Turns;
use crate::common::machine::Seen;
use crate::grants::Grants;
use crate::plan_registry::PlanRegistry;
use std::time::Duration;
use tf_framework::AttributePath;
use vsphere_client::Client;

/// The configured provider: what resources get.
pub struct Vsphere {
    /// The connection.
    pub api: Client,
    /// Who is logged in, as configured.
    pub user: String,
    /// What this run has planned so far.
    pub(crate) plans: PlanRegistry,
    /// Whose turn it is to write permissions, and what this run has granted.
    pub(crate) grants: Grants,
    /// Whose turn it is to change a cluster.
    pub(crate) clusters: Turns,
    /// Where virtual machines were seen last.
    pub(crate) machines: Seen,
    /// How long a task may take unless its resource says otherwise.
    pub timeout: Duration,
}

/// The root of a diagnostic that is about the whole object.
pub(crate) fn whole() -> AttributePath {
    AttributePath::root()
}
