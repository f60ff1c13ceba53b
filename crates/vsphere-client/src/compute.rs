//! `ComputeResource`, `ClusterComputeResource`, `HostSystem`: what computes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{EnterMaintenanceModeTask, ExitMaintenanceModeTask};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::error::Result;

crate::properties! {
    /// A cluster, or what holds a standalone host.
    pub struct Compute of "ComputeResource" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it.
        pub parent: Option<MoRef> = "parent",
        /// The root resource pool.
        pub resource_pool: Option<MoRef> = "resourcePool",
        /// The hosts.
        pub hosts: Vec<MoRef> = "host",
    }
}

crate::properties! {
    /// A host.
    pub struct Host of "HostSystem" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The cluster or compute resource that it belongs to, and whose root resource pool it offers.
        pub parent: Option<MoRef> = "parent",
    }
}

crate::properties! {
    /// Where a host is, and whether it runs virtual machines.
    pub struct HostPlace of "HostSystem" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The cluster or compute resource that it belongs to.
        pub parent: Option<MoRef> = "parent",
        /// Whether it is in maintenance mode: it runs none.
        pub in_maintenance_mode: bool = "runtime.inMaintenanceMode",
    }
}

/// Hosts; from [`Client::hosts`].
pub struct Hosts<'a> {
    client: &'a Client,
}

impl Client {
    /// Hosts.
    pub fn hosts(&self) -> Hosts<'_> {
        Hosts { client: self }
    }
}

impl Hosts<'_> {
    /// Brings a host into maintenance mode and waits for it. The task ends when no virtual machine that is powered on is
    /// left on the host: DRS moves them where it is fully automated. With `evacuate`, those that are powered off are
    /// moved too. vSphere gives up after `timeout`; the wait is one minute longer. Needs `Host.Config.Maintenance`.
    ///
    /// # Errors
    /// `InvalidState`, `Timedout`, and those of any call and task.
    pub async fn enter_maintenance_mode(
        &self,
        host: &MoRef,
        evacuate: bool,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = EnterMaintenanceModeTask {
            this: host.clone(),
            timeout: seconds(timeout),
            evacuate_powered_off_vms: Some(evacuate),
            maintenance_spec: None,
        };
        self.client.tasks().run(&request, timeout + MARGIN, cancel).await.map(drop)
    }

    /// Takes a host out of maintenance mode and waits for it. Needs `Host.Config.Maintenance`.
    ///
    /// # Errors
    /// `InvalidState`, `Timedout`, and those of any call and task.
    pub async fn exit_maintenance_mode(
        &self,
        host: &MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = ExitMaintenanceModeTask { this: host.clone(), timeout: seconds(timeout) };
        self.client.tasks().run(&request, timeout + MARGIN, cancel).await.map(drop)
    }
}

/// How much longer than vSphere this client waits, to hear why a task of limited duration has ended.
const MARGIN: Duration = Duration::from_secs(60);

fn seconds(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_secs()).unwrap_or(i32::MAX)
}
