//! `HostSystem` and the managers of a host: how a host gets into the inventory, its connection, maintenance mode, lockdown
//! mode and services.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{
    AddHostTask, AddStandaloneHostTask, ChangeLockdownMode, DisconnectHostTask, EnterMaintenanceModeTask,
    ExitMaintenanceModeTask, ReconnectHostTask, RestartService, StartService, StopService,
    UpdateDateTimeConfig, UpdateServicePolicy,
};
use vim_types::types::{
    CustomFieldValueKind, HostConnectSpec, HostDateTimeConfig, HostLockdownMode, HostNtpConfig, HostService,
    TaskInfo, VirtualMachinePowerState,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::compute::Compute;
use crate::error::{Error, Result};
use crate::task::made;

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

crate::properties! {
    /// What vCenter has of a host without asking it.
    pub struct HostState of "HostSystem" {
        /// The name, escaped as vSphere does: the address by which the host was added.
        pub name: String = "name",
        /// The cluster or compute resource that it belongs to.
        pub parent: Option<MoRef> = "parent",
        connection_state: String = "runtime.connectionState",
        /// Whether it is in maintenance mode.
        pub in_maintenance_mode: bool = "runtime.inMaintenanceMode",
        /// The virtual machines that are registered on it, templates among them.
        pub machines: Vec<MoRef> = "vm",
        /// The values of custom fields.
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
        access: Option<MoRef> = "configManager.hostAccessManager",
        services: Option<MoRef> = "configManager.serviceSystem",
        date_time: Option<MoRef> = "configManager.dateTimeSystem",
    }
}

/// The connection of vCenter to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// vCenter manages the host.
    Connected,
    /// A user has disconnected it.
    Disconnected,
    /// vCenter is to manage the host, and does not reach it.
    NotResponding,
}

impl HostState {
    /// Whether it is in a cluster.
    pub fn in_cluster(&self) -> bool {
        self.parent.as_ref().is_some_and(|p| &*p.ty == "ClusterComputeResource")
    }

    /// The connection of vCenter to it.
    pub fn connection(&self) -> Connection {
        match self.connection_state.as_str() {
            "connected" => Connection::Connected,
            "disconnected" => Connection::Disconnected,
            _ => Connection::NotResponding,
        }
    }

    /// Whether vCenter is connected to it, and can change it.
    pub fn is_connected(&self) -> bool {
        self.connection() == Connection::Connected
    }
}

crate::properties! {
    struct Access of "HostAccessManager" {
        lockdown: HostLockdownMode = "lockdownMode",
    }
}

crate::properties! {
    struct Services of "HostServiceSystem" {
        services: Vec<HostService> = "serviceInfo.service",
    }
}

crate::properties! {
    struct DateTime of "HostDateTimeSystem" {
        ntp_servers: Vec<String> = "dateTimeInfo.ntpConfig.server",
    }
}

crate::properties! {
    struct Machine of "VirtualMachine" {
        power: VirtualMachinePowerState = "runtime.powerState",
        managed_by: Option<String> = "config.managedBy.extensionKey",
    }
}

/// The extension that vSphere deploys its own agents with, such as those of cluster services. It powers them off where a
/// host enters maintenance mode.
const AGENTS: &str = "com.vmware.vim.eam";

/// The NTP client of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ntp {
    /// Whether the service runs.
    pub running: bool,
    /// When the host starts and stops it: `on`, `off` or `automatic`.
    pub policy: String,
    /// The servers.
    pub servers: Vec<String>,
}

/// The key of the NTP client among the services of a host.
const NTPD: &str = "ntpd";

/// What happens to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// It is started.
    Start,
    /// It is stopped.
    Stop,
    /// It is stopped and started.
    Restart,
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
    /// A host, read in one batch with others. Its place is noted for [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, host: &MoRef) -> Result<HostState> {
        let epoch = self.client.find().epoch();
        let read: HostState = self.client.properties().get(host).await?;
        self.client.find().note(epoch, host, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// The virtual machines that are registered on a host, each with whether it is powered on; without the agents of vSphere
    /// itself.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn machines(&self, host: &HostState) -> Result<Vec<(MoRef, bool)>> {
        let all = self.client.properties().get_existing::<Machine>(&host.machines).await?;
        let users = all.into_iter().filter(|(_, m)| m.managed_by.as_deref() != Some(AGENTS));
        Ok(users.map(|(object, m)| (object, m.power == VirtualMachinePowerState::PoweredOn)).collect())
    }

    /// Adds a host to a cluster, waits, and returns the host. Without `connect`, the host is added as disconnected. Needs
    /// `Host.Inventory.AddHostToCluster`.
    ///
    /// # Errors
    /// `InvalidLogin`, `DuplicateName`, `HostConnectFault` and its subtypes, such as `SSLVerifyFault`, and those of any call
    /// and task.
    pub async fn add_to_cluster(
        &self,
        cluster: &MoRef,
        spec: HostConnectSpec,
        connect: bool,
        license: Option<String>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<MoRef> {
        let request =
            AddHostTask { this: cluster.clone(), spec, as_connected: connect, resource_pool: None, license };
        let _writing = self.client.core().rearranging();
        let done = self.client.tasks().run(&request, timeout, cancel).await?;
        self.host_of(done).await
    }

    /// Adds a host to a folder of hosts, waits, and returns the host. Without `connect`, the host is added as disconnected.
    /// Needs `Host.Inventory.AddStandaloneHost`.
    ///
    /// # Errors
    /// As [`add_to_cluster`](Hosts::add_to_cluster).
    pub async fn add_standalone(
        &self,
        folder: &MoRef,
        spec: HostConnectSpec,
        connect: bool,
        license: Option<String>,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<MoRef> {
        let request = AddStandaloneHostTask {
            this: folder.clone(),
            spec,
            comp_res_spec: None,
            add_connected: connect,
            license,
        };
        let _writing = self.client.core().rearranging();
        let done = self.client.tasks().run(&request, timeout, cancel).await?;
        self.host_of(done).await
    }

    /// The host that a task has added: of a standalone host, the result is its compute resource.
    async fn host_of(&self, done: TaskInfo) -> Result<MoRef> {
        let object = made(done)?;
        if &*object.ty == "HostSystem" {
            return Ok(object);
        }
        self.sole_host(&object).await?.ok_or_else(|| Error::NotFound {
            kind: "HostSystem".to_owned(),
            name: "the new host".to_owned(),
            place: object.to_string(),
        })
    }

    /// The host of a compute resource that is not a cluster.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn sole_host(&self, compute: &MoRef) -> Result<Option<MoRef>> {
        let read: Compute = self.client.properties().get(compute).await?;
        Ok(read.hosts.into_iter().next())
    }

    /// Connects vCenter to a host again, with these parameters, and waits. Needs `Host.Config.Connection`.
    ///
    /// # Errors
    /// `InvalidState` where the host has to be disconnected first, `InvalidLogin`, `HostConnectFault` and its subtypes, and
    /// those of any call and task.
    pub async fn reconnect(
        &self,
        host: &MoRef,
        spec: HostConnectSpec,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request =
            ReconnectHostTask { this: host.clone(), cnx_spec: Some(Box::new(spec)), reconnect_spec: None };
        // The name of the host is the address by which vCenter reaches it.
        let _writing = self.client.core().rearranging();
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }

    /// Disconnects vCenter from a host and waits: its virtual machines go on. Needs `Host.Config.Connection`.
    ///
    /// # Errors
    /// Those of any call and task.
    pub async fn disconnect(
        &self,
        host: &MoRef,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = DisconnectHostTask { this: host.clone() };
        self.client.tasks().run(&request, timeout, cancel).await.map(drop)
    }

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

    /// The lockdown mode of a host, as the host has it; nothing where vCenter has no manager for it.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn lockdown(&self, host: &HostState) -> Result<Option<HostLockdownMode>> {
        let Some(manager) = &host.access else { return Ok(None) };
        let read: Access = self.client.properties().get(manager).await?;
        Ok(Some(read.lockdown))
    }

    /// Changes the lockdown mode of a host. Needs `Host.Config.Settings`.
    ///
    /// # Errors
    /// [`Error::Unreported`] where the host has no manager for it, `AuthMinimumAdminPermission`, and those of any call.
    pub async fn set_lockdown(&self, on: &MoRef, host: &HostState, mode: HostLockdownMode) -> Result<()> {
        let this = manager(on, host.access.as_ref(), "lockdown mode")?;
        self.client.call(&ChangeLockdownMode { this, mode }).await
    }

    /// The NTP client of a host, as the host has it; nothing where the host does not report it.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn ntp(&self, host: &HostState) -> Result<Option<Ntp>> {
        let (Some(services), Some(date_time)) = (&host.services, &host.date_time) else { return Ok(None) };
        let properties = self.client.properties();
        let (services, date_time) = futures_util::try_join!(
            properties.get::<Services>(services),
            properties.get::<DateTime>(date_time)
        )?;
        let ntpd = services.services.into_iter().find(|s| s.key == NTPD);
        Ok(ntpd.map(|s| Ntp { running: s.running, policy: s.policy, servers: date_time.ntp_servers }))
    }

    /// Sets the NTP servers of a host. Needs `Host.Config.DateTime`.
    ///
    /// # Errors
    /// [`Error::Unreported`], `HostConfigFault`, and those of any call.
    pub async fn set_ntp_servers(&self, on: &MoRef, host: &HostState, servers: Vec<String>) -> Result<()> {
        set_ntp_servers(self.client, on, host.date_time.as_ref(), servers).await
    }

    /// Sets when a host starts and stops its NTP client. Needs `Host.Config.NetService`.
    ///
    /// # Errors
    /// [`Error::Unreported`], `NotFound`, `HostConfigFault`, and those of any call.
    pub async fn set_ntp_policy(&self, on: &MoRef, host: &HostState, policy: &str) -> Result<()> {
        let this = manager(on, host.services.as_ref(), "services")?;
        let (id, policy) = (NTPD.to_owned(), policy.to_owned());
        self.client.call(&UpdateServicePolicy { this, id, policy }).await
    }

    /// Starts, stops or restarts the NTP client of a host. Needs `Host.Config.NetService`.
    ///
    /// # Errors
    /// [`Error::Unreported`], `NotFound`, `InvalidState`, `HostConfigFault`, and those of any call.
    pub async fn run_ntp(&self, on: &MoRef, host: &HostState, run: Run) -> Result<()> {
        let this = manager(on, host.services.as_ref(), "services")?;
        let id = NTPD.to_owned();
        match run {
            Run::Start => self.client.call(&StartService { this, id }).await,
            Run::Stop => self.client.call(&StopService { this, id }).await,
            Run::Restart => self.client.call(&RestartService { this, id }).await,
        }
    }
}

/// A manager of a host.
pub(crate) fn manager(host: &MoRef, found: Option<&MoRef>, what: &'static str) -> Result<MoRef> {
    found.cloned().ok_or_else(|| Error::Unreported { host: host.clone(), what })
}

/// Sets the NTP servers of a host.
pub(crate) async fn set_ntp_servers(
    client: &Client,
    on: &MoRef,
    date_time: Option<&MoRef>,
    servers: Vec<String>,
) -> Result<()> {
    let this = manager(on, date_time, "date and time configuration")?;
    let ntp_config = Some(Box::new(HostNtpConfig { server: servers, ..HostNtpConfig::default() }));
    let config = HostDateTimeConfig { ntp_config, ..HostDateTimeConfig::default() };
    client.call(&UpdateDateTimeConfig { this, config }).await
}

/// How much longer than vSphere this client waits, to hear why a task of limited duration has ended.
const MARGIN: Duration = Duration::from_secs(60);

fn seconds(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_secs()).unwrap_or(i32::MAX)
}
