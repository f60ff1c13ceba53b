//! `vsphere_host`
mod changes;
pub mod data_source;

use crate::common::adopt::create_or_adopt_named;
use crate::common::host_moves::{Kept, Mover};
use crate::common::labels::Labels;
use crate::common::lookup::listed;
use crate::common::moid::{Cluster, Datacenter, Host as HostId, MoId};
use crate::common::{lookup, machine};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use changes::{Now, Parameters, Step, Wanted};
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Secret,
    Timeouts, Value, same,
};
use vsphere_client::host::{Connection, HostState, Ntp, Run};
use vsphere_client::vim::types::{HostConnectSpec, HostLockdownMode};
use vsphere_client::vim::xml;
use vsphere_client::{FaultKind, MoRef, custom_fields, readable};

/// Manages an ESXi host in a cluster or datacenter, including its connection state, maintenance mode, lockdown mode,
/// license and NTP client.
///
/// Changing `cluster` moves the host: the host enters maintenance mode, is moved to the new cluster, and exits
/// maintenance mode unless `maintenance` is `true`. If `cluster` is removed from the configuration, the host is moved
/// to the root host folder of the datacenter as a standalone host. A host cannot be moved to another datacenter: a
/// change that requires this replaces the host.
///
/// Destroying the resource removes the host and the virtual machines that are registered on it from vCenter; the files
/// of the virtual machines are kept. A connected host in a cluster first enters maintenance mode. A connected host on
/// which virtual machines are powered on is not removed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host", category = "Host and Cluster Management")]
pub struct HostModel {
    /// The managed object ID of the host, such as `host-10`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the datacenter to which to add the host as a standalone host, such as `datacenter-3`.
    /// Conflicts with `cluster`.
    #[tf(optional, form = MoId::<Datacenter>::form)]
    pub datacenter: Value<String>,
    /// The managed object ID of the cluster that contains the host, such as `domain-c7`. Conflicts with `datacenter`.
    /// Changing this moves the host to another cluster; removing this makes it a standalone host.
    #[tf(optional, form = cluster_id, conflicts_with("cluster_managed"))]
    pub cluster: Value<String>,
    /// Whether cluster membership is managed by the `host_system_ids` of a `vsphere_compute_cluster`. If `true`, the
    /// cluster of the host is not read.
    #[tf(optional)]
    pub cluster_managed: Value<bool>,
    /// The host name or IP address that vCenter uses to connect to the host. Changing this makes vCenter reconnect to
    /// the same host at its new address.
    #[tf(required, check = address)]
    pub hostname: Value<String>,
    /// The name of a user with administrator privileges on the host, such as `root`. vCenter uses it only to connect to
    /// the host.
    #[tf(required)]
    pub username: Value<String>,
    /// The password of `username`. The password is stored in the state; to avoid this, use `password_wo`. Exactly one
    /// of `password` and `password_wo` must be set. Changing this makes vCenter reconnect to the host.
    #[tf(optional, sensitive, exactly_one_of("password", "password_wo"))]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    // Not marked as sensitive: a state of the official provider, which does not have the mark, would plan an update without
    // a visible change. No plan and no state shows a write-only value.
    #[tf(optional, write_only)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Change this whenever `password_wo` changes: vCenter then reconnects to
    /// the host with the current `password_wo`.
    #[tf(optional)]
    pub password_wo_version: Value<String>,
    /// The SHA-1 thumbprint of the host certificate, such as `AB:CD:…`, as returned by the `vsphere_host_thumbprint`
    /// data source. If omitted, the certificate must be signed by a certificate authority that vCenter trusts.
    #[tf(optional, same = same::ignore_case, check = thumbprint)]
    pub thumbprint: Value<String>,
    /// The license key to assign to the host. The license must exist in vCenter, for example as a `vsphere_license`. If
    /// omitted, the license is not managed.
    #[tf(optional)]
    pub license: Value<String>,
    /// Whether to add the host even if another vCenter manages it. Changing this has no effect until vCenter reconnects
    /// to the host.
    #[tf(optional, default = false)]
    pub force: Value<bool>,
    /// Whether vCenter is connected to the host. While the host is disconnected, its virtual machines continue to run,
    /// but vCenter cannot manage them or the host.
    #[tf(optional, default = true)]
    pub connected: Value<bool>,
    /// Whether the host is in maintenance mode. Before the host enters maintenance mode, all virtual machines that are
    /// powered on must be migrated or powered off within the timeout in `timeouts`. Fully automated DRS migrates them.
    #[tf(optional, default = false)]
    pub maintenance: Value<bool>,
    /// The lockdown mode of the host: `disabled`, `normal` or `strict`.
    #[tf(optional, default = DISABLED, same = same::ignore_case, one_of_ignore_case("disabled", "normal", "strict"))]
    pub lockdown: Value<String>,
    /// The services of the host. If omitted, services are not managed.
    #[tf(block, set, computed)]
    pub services: Value<Vec<Services>>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default. A timeout applies to each step of an operation, such as entering maintenance mode.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The services of a host.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Services {
    /// The NTP client.
    #[tf(block, max = 1)]
    pub ntpd: Value<Vec<Ntpd>>,
}

/// The NTP client of a host. Omitted arguments are not managed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Ntpd {
    /// Whether the NTP service is running. If omitted, the service is neither started nor stopped.
    #[tf(optional, computed)]
    pub enabled: Value<bool>,
    /// The startup policy of the NTP service: `on` (start and stop with the host), `off` (start and stop manually) or
    /// `automatic` (start and stop with port usage). If omitted, the startup policy is not managed.
    #[tf(optional, computed, one_of("on", "off", "automatic"))]
    pub policy: Value<String>,
    /// The host names or IP addresses of the NTP servers, in order. If omitted, the NTP servers are not managed.
    #[tf(optional, computed)]
    pub ntp_servers: Value<Vec<String>>,
}

const DISABLED: &str = "disabled";
/// The type of a host in the API.
const HOST: &str = "HostSystem";

/// The resource.
#[derive(Debug, Default)]
pub struct Host;

type M = HostModel;

/// A check for attributes that take the ID of a cluster, or are empty.
fn cluster_id(v: &Dynamic) -> std::result::Result<(), String> {
    if v.as_str() == Some("") { Ok(()) } else { MoId::<Cluster>::form(v) }
}

fn address(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let example = "Expected a host name or an IP address, such as \"esx1.example.com\".";
    if text.trim().is_empty() {
        return Err(format!("It is empty. {example}"));
    }
    if text.contains('/') {
        return Err(format!("{text:?} is a URL or a path. {example}"));
    }
    Ok(())
}

fn thumbprint(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
        return Ok(());
    }
    Err(format!(
        "{text:?} is not a thumbprint. Expected hexadecimal digits with colons, such as the `id` of the data source \
         `vsphere_host_thumbprint`."
    ))
}

/// The lockdown mode of an attribute's value.
fn lockdown_mode(text: &str) -> HostLockdownMode {
    match text.to_ascii_lowercase().as_str() {
        "normal" => HostLockdownMode::LockdownNormal,
        "strict" => HostLockdownMode::LockdownStrict,
        _ => HostLockdownMode::LockdownDisabled,
    }
}

/// The attribute's value for a lockdown mode; nothing for one that is newer than this provider.
fn lockdown_text(mode: &HostLockdownMode) -> Option<&'static str> {
    match mode {
        HostLockdownMode::LockdownDisabled => Some(DISABLED),
        HostLockdownMode::LockdownNormal => Some("normal"),
        HostLockdownMode::LockdownStrict => Some("strict"),
        _ => None,
    }
}

fn set(v: &Value<String>) -> Option<&String> {
    v.non_empty()
}

impl Ntpd {
    fn observed(found: &Ntp) -> Self {
        Self {
            enabled: found.running.into(),
            policy: found.policy.clone().into(),
            ntp_servers: found.servers.clone().into(),
        }
    }

    /// Without what is not known: a host that cannot be read has nothing to fill it in.
    fn unread(self) -> Self {
        fn or_null<T: Clone>(v: &Value<T>) -> Value<T> {
            v.known().cloned().into()
        }
        Self {
            enabled: or_null(&self.enabled),
            policy: or_null(&self.policy),
            ntp_servers: or_null(&self.ntp_servers),
        }
    }
}

impl M {
    fn object(&self) -> MoRef {
        MoId::<HostId>::object(self.id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        match set(&self.hostname) {
            Some(name) => format!("the host {name:?}"),
            None => self.object().to_string(),
        }
    }

    /// The cluster that this resource puts the host in.
    fn cluster(&self) -> Option<MoRef> {
        set(&self.cluster).map(MoId::<Cluster>::object)
    }

    fn parameters(&self) -> Parameters {
        Parameters {
            hostname: self.hostname.get(),
            username: self.username.get(),
            password: self.password.known().map(|p| p.expose().to_owned()).unwrap_or_default(),
            password_version: self.password_wo_version.get(),
            thumbprint: self.thumbprint.get(),
        }
    }

    /// How vCenter connects to the host. `config` has the write-only password.
    fn connect_spec(&self, config: Option<&M>) -> HostConnectSpec {
        let given = config.and_then(|c| c.password_wo.known()).or(self.password.known());
        HostConnectSpec {
            host_name: Some(self.hostname.get()),
            user_name: Some(self.username.get()),
            password: given.map(|p| xml::Secret::new(p.expose())),
            ssl_thumbprint: set(&self.thumbprint).cloned(),
            force: self.force.get(),
            ..HostConnectSpec::default()
        }
    }

    /// The NTP client, as it is configured; nothing without such a block.
    fn ntp(&self) -> Option<Ntpd> {
        let services = self.services.known()?;
        services.iter().find_map(|s| s.ntpd.first().cloned())
    }

    /// Whether a new host has settings that need a connection.
    fn has_settings(&self) -> bool {
        self.maintenance.get()
            || lockdown_mode(self.lockdown.as_str()) != HostLockdownMode::LockdownDisabled
            || self.ntp().is_some()
    }

    /// The license key has to be in vCenter. The message does not have the key.
    async fn check_license(&self, vsphere: &Vsphere) -> Result<()> {
        let Some(key) = set(&self.license) else { return Ok(()) };
        let all = vsphere.api.licenses().list().await;
        // Without the privilege, vCenter returns no keys: then it decides.
        let Ok(all) = all else { return Ok(()) };
        if all.is_empty() || all.iter().any(|l| l.key == *key) {
            return Ok(());
        }
        let detail = format!(
            "vCenter does not list the license key for {}. Add it with `vsphere_license`, and refer to its `license_key`.",
            self.title()
        );
        Err(Diagnostics::error(M::LICENSE, "License not found", detail))
    }

    /// Adds the host to its cluster or datacenter.
    async fn add(&self, cx: &Cx<'_, Host>, connect: bool) -> Result<MoRef> {
        let (vsphere, hosts) = (cx.client(), &cx.client().api.hosts());
        let (timeout, find) = (cx.timeout(vsphere.timeout), &vsphere.api.find());
        let (spec, license) = (self.connect_spec(cx.config()), set(&self.license).cloned());
        let name = self.hostname.as_str();
        let title = self.title();
        if let Some(cluster) = &self.cluster() {
            let look = || async {
                let child = find.child(cluster, name).await?;
                Ok(child.filter(|c| &*c.ty == HOST))
            };
            let make =
                async { hosts.add_to_cluster(cluster, spec, connect, license, timeout, cx.cancel()).await };
            let added = create_or_adopt_named(cx, &title, look, make).await;
            added.doing_to(format!("add {title} to {cluster}"), blame)
        } else {
            let datacenter = MoId::<Datacenter>::object(self.datacenter.as_str());
            let folders = match vsphere.api.datacenters().folders(&datacenter).await {
                Err(e) if e.is_not_found() => {
                    return Err(MoId::<Datacenter>::not_found(&datacenter.id, M::DATACENTER));
                }
                read => read.doing_to(format!("add {title}"), |_| Some(M::DATACENTER))?,
            };
            let folder = &folders.host;
            let look = || async {
                match find.child(folder, name).await? {
                    Some(child) if &*child.ty == "ComputeResource" => hosts.sole_host(&child).await,
                    _ => Ok(None),
                }
            };
            let make =
                async { hosts.add_standalone(folder, spec, connect, license, timeout, cx.cancel()).await };
            let added = create_or_adopt_named(cx, &title, look, make).await;
            added.doing_to(format!("add {title} to {datacenter}"), blame)
        }
    }

    async fn state(&self, vsphere: &Vsphere) -> Result<HostState> {
        vsphere.api.hosts().get(&self.object()).await.doing(format!("read {}", self.title()))
    }

    /// Connects vCenter to the host. Of a connected host, vCenter may refuse other parameters than a thumbprint: then it is
    /// disconnected first.
    async fn reconnect(&self, cx: &Cx<'_, Host>, connected: bool) -> Result<()> {
        let (vsphere, object) = (cx.client(), self.object());
        let (hosts, timeout) = (vsphere.api.hosts(), cx.timeout(vsphere.timeout));
        let spec = || self.connect_spec(cx.config());
        let mut done = hosts.reconnect(&object, spec(), timeout, cx.cancel()).await;
        if connected && done.as_ref().is_err_and(|e| matches!(e.fault_kind(), Some(FaultKind::InvalidState)))
        {
            self.disconnect(cx).await?;
            done = hosts.reconnect(&object, spec(), timeout, cx.cancel()).await;
        }
        done.doing_to(format!("connect to {}", self.title()), blame)
    }

    async fn disconnect(&self, cx: &Cx<'_, Host>) -> Result<()> {
        let vsphere = cx.client();
        let timeout = cx.timeout(vsphere.timeout);
        let done = vsphere.api.hosts().disconnect(&self.object(), timeout, cx.cancel()).await;
        done.doing_to(format!("disconnect {}", self.title()), |_| Some(M::CONNECTED))
    }

    /// Moves the host where a plan has another cluster than the state.
    async fn relocate(&self, cx: &Cx<'_, Host>, prior: &Self, now: &HostState) -> Result<()> {
        let id = [self.id.get()];
        match (prior.cluster(), self.cluster()) {
            (before, Some(to)) if before.as_ref() != Some(&to) && now.parent.as_ref() != Some(&to) => {
                self.connected_for(now, M::CLUSTER, "moved")?;
                self.mover(cx, &to).bring(&id).await
            }
            (Some(from), None) if !self.cluster_managed.get() && now.parent.as_ref() == Some(&from) => {
                self.connected_for(now, M::CLUSTER, "moved")?;
                self.mover(cx, &from).release(&id).await
            }
            _ => Ok(()),
        }
    }

    fn mover<'a>(&self, cx: &'a Cx<'_, Host>, cluster: &'a MoRef) -> Mover<'a> {
        let timeout = cx.timeout(cx.client().timeout);
        Mover {
            vsphere: cx.client(),
            cluster,
            title: cluster.to_string(),
            timeout,
            evacuation: timeout,
            cancel: cx.cancel(),
            at: M::CLUSTER,
        }
    }

    /// A host that is not connected cannot be changed.
    fn connected_for(&self, now: &HostState, at: Field, what: &str) -> Result<()> {
        if now.is_connected() {
            return Ok(());
        }
        let why = match now.connection() {
            Connection::NotResponding => "does not respond to vCenter",
            _ => "is disconnected from vCenter",
        };
        let detail = format!(
            "{} {why}, and can only be {what} while it is connected. Set `connected` to true, or undo the change of `{}`.",
            crate::fault::capital(&self.title()),
            at.0
        );
        Err(Diagnostics::error(at, format!("Unable to change {}", self.title()), detail))
    }

    async fn apply_maintenance(&self, cx: &Cx<'_, Host>, now: &HostState) -> Result<()> {
        let (vsphere, object, wanted) = (cx.client(), self.object(), self.maintenance.get());
        if now.in_maintenance_mode == wanted {
            return Ok(());
        }
        self.connected_for(now, M::MAINTENANCE, "brought into or out of maintenance mode")?;
        let (hosts, timeout) = (vsphere.api.hosts(), cx.timeout(vsphere.timeout));
        let (done, doing) = if wanted {
            let done = hosts.enter_maintenance_mode(&object, true, timeout, cx.cancel()).await;
            (done, format!("bring {} into maintenance mode", self.title()))
        } else {
            let done = hosts.exit_maintenance_mode(&object, timeout, cx.cancel()).await;
            (done, format!("take {} out of maintenance mode", self.title()))
        };
        done.doing_to(doing, |_| Some(M::MAINTENANCE))
    }

    async fn apply_lockdown(&self, cx: &Cx<'_, Host>, now: &HostState) -> Result<()> {
        let (hosts, wanted) = (cx.client().api.hosts(), lockdown_mode(self.lockdown.as_str()));
        self.connected_for(now, M::LOCKDOWN, "locked down or unlocked")?;
        let doing = || format!("set the lockdown mode of {} to {}", self.title(), self.lockdown.as_str());
        let before = hosts.lockdown(now).await.doing(doing())?;
        if before.as_ref() == Some(&wanted)
            || (before.is_none() && wanted == HostLockdownMode::LockdownDisabled)
        {
            return Ok(());
        }
        let done = hosts.set_lockdown(&self.object(), now, wanted).await;
        done.doing_to(doing(), |_| Some(M::LOCKDOWN))
    }

    async fn apply_services(&self, cx: &Cx<'_, Host>, now: &HostState) -> Result<()> {
        let Some(ntpd) = self.ntp() else { return Ok(()) };
        self.connected_for(now, M::SERVICES, "configured")?;
        let (hosts, object) = (cx.client().api.hosts(), self.object());
        let read = hosts.ntp(now).await.doing(format!("read the NTP client of {}", self.title()))?;
        let read = read.unwrap_or_default();
        let wanted = Wanted {
            enabled: ntpd.enabled.known().copied(),
            policy: ntpd.policy.known().cloned(),
            servers: ntpd.ntp_servers.known().cloned(),
        };
        let now_running = Now { running: read.running, policy: &read.policy, servers: &read.servers };
        for step in changes::steps(&now_running, wanted) {
            let (done, verb) = match step {
                Step::Servers(all) => (hosts.set_ntp_servers(&object, now, all).await, "set the servers of"),
                Step::Policy(policy) => {
                    (hosts.set_ntp_policy(&object, now, &policy).await, "set the policy of")
                }
                Step::Start => (hosts.run_ntp(&object, now, Run::Start).await, "start"),
                Step::Stop => (hosts.run_ntp(&object, now, Run::Stop).await, "stop"),
                Step::Restart => (hosts.run_ntp(&object, now, Run::Restart).await, "restart"),
            };
            done.doing_to(format!("{verb} the NTP client of {}", self.title()), |_| Some(M::SERVICES))?;
        }
        Ok(())
    }

    async fn apply_license(&self, cx: &Cx<'_, Host>) -> Result<()> {
        let Some(key) = set(&self.license) else { return Ok(()) };
        let (licenses, object) = (cx.client().api.licenses(), self.object());
        let doing = || format!("assign the license to {}", self.title());
        if licenses.is_assigned(&object, key).await.doing(doing())? {
            return Ok(());
        }
        self.check_license(cx.client()).await?;
        licenses.assign(&object, key).await.doing_to(doing(), |_| Some(M::LICENSE))
    }

    /// Brings the settings of the host to what the plan says. What the plan does not change is not touched.
    async fn configure(&self, cx: &Cx<'_, Host>, prior: Option<&Self>) -> Result<()> {
        let vsphere = cx.client();
        vsphere.run::<Kept>().note(self.id.as_str(), self.maintenance.get());
        let mut now = self.state(vsphere).await?;
        if let Some(prior) = prior {
            let changed = changes::is_other_connection(&prior.parameters(), &self.parameters());
            let wanted = self.connected.get();
            if changes::connection(now.is_connected(), wanted, changed) == changes::Connection::Reconnect {
                self.reconnect(cx, now.is_connected()).await?;
                now = self.state(vsphere).await?;
            }
            self.relocate(cx, prior, &now).await?;
            if prior.cluster() != self.cluster() {
                now = self.state(vsphere).await?;
            }
        }
        // Connecting a host may bring it back with another mode than it had.
        let reconnected = prior.is_none_or(|p| !p.connected.get() && self.connected.get());
        if reconnected && now.is_connected() || prior.is_some_and(|p| p.maintenance != self.maintenance) {
            self.apply_maintenance(cx, &now).await?;
        }
        if reconnected && now.is_connected()
            || prior.is_some_and(|p| !p.lockdown.as_str().eq_ignore_ascii_case(self.lockdown.as_str()))
        {
            self.apply_lockdown(cx, &now).await?;
        }
        if prior.is_none_or(|p| p.services != self.services) {
            self.apply_services(cx, &now).await?;
        }
        if prior.is_none_or(|p| p.license != self.license) {
            self.apply_license(cx).await?;
        }
        self.labels.apply(vsphere, &self.object(), prior.map(|p| &p.labels)).await?;
        let connected = now.connection() != Connection::Disconnected;
        if changes::connection(connected, self.connected.get(), false) == changes::Connection::Disconnect {
            self.disconnect(cx).await?;
        }
        Ok(())
    }
}

/// The virtual machines on a host, as lines of a list.
#[derive(Default)]
struct Machines {
    running: Vec<String>,
    others: Vec<String>,
}

impl Machines {
    async fn of(vsphere: &Vsphere, host: &HostState, title: &str) -> Result<Self> {
        let all = vsphere.api.hosts().machines(host).await;
        let all = all.doing(format!("read the virtual machines of {title}"))?;
        let (running, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, running)| *running);
        let titles = |part: Vec<(MoRef, bool)>| async {
            let objects: Vec<MoRef> = part.into_iter().map(|(object, _)| object).collect();
            let known = machine::known(vsphere, &objects).await?;
            Result::<Vec<String>>::Ok(known.iter().map(machine::Machine::title).collect())
        };
        let (running, others) = futures_util::try_join!(titles(running), titles(others))?;
        Ok(Self { running, others })
    }
}

impl Resource for Host {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, such as /dc1/host/cluster1/esx1.example.com, or by the managed object ID, such as \
                                  host-12";

    fn validate(&self, config: &M) -> Diagnostics {
        if set(&config.cluster).is_some() && set(&config.datacenter).is_some() {
            let detail = "A host is either in a cluster or a standalone host of a datacenter. Remove `cluster` or `datacenter`.";
            return Diagnostics::error(M::DATACENTER, "Conflicting locations", detail);
        }
        Diagnostics::default()
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, HOST, planned).await?;
        let absent = |v: &Value<String>| !v.is_unknown() && set(v).is_none();
        if cx.prior.is_none() && absent(&planned.cluster) && absent(&planned.datacenter) {
            let detail = if planned.cluster_managed.get() {
                "The host is added to a datacenter before `vsphere_compute_cluster` moves it. Set `datacenter`."
            } else {
                "A host is added to a cluster or to a datacenter. Set `cluster` or `datacenter`."
            };
            return Err(Diagnostics::error(M::DATACENTER, "Missing location", detail));
        }
        if let Some(prior) = cx.prior
            && let Some(from) = prior.cluster()
            && !planned.cluster.is_unknown()
            && planned.cluster().as_ref() != Some(&from)
            && !(planned.cluster_managed.get() && planned.cluster().is_none())
        {
            let managed = if planned.cluster().is_some() {
                ""
            } else {
                " If `vsphere_compute_cluster` has the host in its `host_system_ids`, set `cluster_managed` instead."
            };
            let detail = format!(
                "{} enters maintenance mode to leave {from}: its virtual machines are migrated to other hosts, which requires \
                 DRS in fully automated mode for those that are powered on.{managed}",
                crate::fault::capital(&prior.title())
            );
            cx.warn(M::CLUSTER, "Host leaves the cluster", detail);
        }
        let Some(vsphere) = cx.client.filter(|_| cx.changed || cx.prior.is_none()) else { return Ok(()) };
        let found = check_places(vsphere, cx.prior, planned).await;
        cx.finish(found)?;
        if let Some((at, why)) = elsewhere(vsphere, cx.prior, planned).await {
            cx.replace.push(at.into());
            let detail =
                format!("{why} Destroying removes it from vCenter, with the virtual machines on it.");
            cx.warn(at, "Host will be removed and added again", detail);
            return Ok(());
        }
        let found = planned.labels.check(vsphere, HOST, cx.prior.map(|p| &p.labels)).await;
        cx.finish(found)
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        // What cannot be read is not a reason to stop.
        let Ok(host) = vsphere.api.hosts().get(&state.object()).await else {
            return Ok(Diagnostics::default());
        };
        let Machines { running, others } =
            Machines::of(vsphere, &host, &state.title()).await.unwrap_or_default();
        let (name, count) = (state.hostname.as_str(), running.len() + others.len());
        if count == 0 {
            return Ok(Diagnostics::default());
        }
        if host.is_connected() && !running.is_empty() {
            let detail = format!(
                "The host is not removed from vCenter while these virtual machines are powered on:\n{}",
                listed(running.into_iter())
            );
            let summary = format!("Host {name:?} has running virtual machines");
            return Ok(Diagnostics::warning(AttributePath::root(), summary, detail));
        }
        let all: Vec<String> = running.into_iter().chain(others).collect();
        let detail = format!(
            "vCenter removes the virtual machines that are registered on the host from its inventory, too. Their files stay, \
             and those that run go on:\n{}",
            listed(all.into_iter())
        );
        let summary = match count {
            1 => format!("1 virtual machine is removed with host {name:?}"),
            n => format!("{n} virtual machines are removed with host {name:?}"),
        };
        Ok(Diagnostics::warning(AttributePath::root(), summary, detail))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, HOST).await?;
        plan.check_license(vsphere).await?;
        // Settings are made on a connected host, which is disconnected at the end if it is to be so.
        let connect = plan.connected.get() || plan.has_settings();
        let host = plan.add(cx, connect).await?;
        let plan = M { id: host.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        plan.configure(cx, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let hosts = vsphere.api.hosts();
        let (host, carried) = futures_util::join!(hosts.get(&object), Labels::read_tags(vsphere, &object));
        let host = match host {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read {}", state.title()))?,
        };
        let imported = state.hostname.is_null();
        let hostname = match imported {
            true => readable(&host.name).into_owned().into(),
            false => state.hostname.clone(),
        };
        let state = M { id: object.id.to_string().into(), hostname, ..state };
        let doing = || format!("read {}", state.title());
        let values = custom_fields::texts(&host.custom_values);
        let labels = Labels::of(&carried?, &values, &state.labels);
        let cluster = host.parent.as_ref().filter(|_| host.in_cluster() && !state.cluster_managed.get());
        let cluster: Value<String> = cluster.map(|c| c.id.to_string()).into();
        let datacenter = match imported && !host.in_cluster() {
            true => vsphere
                .api
                .find()
                .datacenter_of(&object)
                .await
                .doing(doing())?
                .map(|d| d.id.to_string())
                .into(),
            false => state.datacenter.clone(),
        };
        if host.connection() == Connection::NotResponding {
            let detail = "vCenter is not disconnected from the host, and the host does not respond to it. Its settings are \
                          shown as they were.";
            cx.warn(
                AttributePath::root(),
                format!("Host {:?} does not respond", state.hostname.as_str()),
                detail,
            );
        }
        let (lockdown, ntp) = match host.is_connected() {
            true => (
                hosts.lockdown(&host).await.doing(doing())?,
                match imported || state.ntp().is_some() {
                    true => hosts.ntp(&host).await.doing(doing())?,
                    false => None,
                },
            ),
            false => (None, None),
        };
        let license = match set(&state.license) {
            Some(key) if !vsphere.api.licenses().is_assigned(&object, key).await.doing(doing())? => {
                Value::Null
            }
            _ => state.license.clone(),
        };
        let lockdown = match lockdown.as_ref().and_then(lockdown_text) {
            Some(mode) => mode.into(),
            None => state.lockdown.clone(),
        };
        let services = observed_services(&state.services, ntp.as_ref(), imported);
        Ok(Some(M {
            cluster,
            datacenter,
            license,
            connected: (host.connection() != Connection::Disconnected).into(),
            maintenance: host.in_maintenance_mode.into(),
            lockdown,
            services,
            labels,
            ..state
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        plan.configure(cx, Some(&prior)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let (hosts, timeout) = (vsphere.api.hosts(), cx.timeout(vsphere.timeout));
        let host = match hosts.get(&object).await {
            Err(e) if e.is_not_found() => return Ok(()),
            other => other.doing(format!("read {}", state.title()))?,
        };
        if host.is_connected() {
            let machines = Machines::of(vsphere, &host, &state.title()).await?.running;
            if !machines.is_empty() {
                let detail = format!(
                    "vCenter would remove these virtual machines with the host, where they are powered on:\n{}\nMigrate or power \
                     off them first, for example by `maintenance`. To remove the host with them, set `connected` to false and \
                     apply that.",
                    listed(machines.into_iter())
                );
                let summary = format!("Host {:?} has running virtual machines", state.hostname.as_str());
                return Err(Diagnostics::error(AttributePath::root(), summary, detail));
            }
            // vCenter removes its agent from a host that is connected, and only takes one out of a cluster that is in
            // maintenance mode.
            if host.in_cluster() && !host.in_maintenance_mode {
                let entered = hosts.enter_maintenance_mode(&object, false, timeout, cx.cancel()).await;
                entered.doing(format!("bring {} into maintenance mode", state.title()))?;
            }
        } else if host.connection() == Connection::NotResponding {
            state.disconnect(cx).await?;
        }
        // A standalone host is removed with its compute resource.
        let target = match host.parent {
            Some(parent) if &*parent.ty == "ComputeResource" => parent,
            _ => object,
        };
        match vsphere.api.entities().destroy(&target, timeout, cx.cancel()).await {
            Err(e) if e.is_not_found() => Ok(()),
            done => done.doing(format!("remove {}", state.title())),
        }
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        // The path of a standalone host is also that of its compute resource.
        let compute = match id.starts_with('/') {
            true => lookup::at_path(vsphere, id).await?.filter(|o| &*o.ty == "ComputeResource"),
            false => None,
        };
        let host = match compute {
            Some(compute) => {
                vsphere.api.hosts().sole_host(&compute).await.doing(format!("read {compute}"))?
            }
            None => None,
        };
        let object = match host {
            Some(host) => host,
            None => lookup::imported(vsphere, id, HOST).await?,
        };
        let mut imported = M { id: object.id.to_string().into(), ..M::default() };
        imported.set_defaults(&M::block());
        Ok(imported)
    }
}

/// The services in the words of the state: each block has what the host reports. An import has no blocks yet. Pure.
fn observed_services(
    state: &Value<Vec<Services>>,
    ntp: Option<&Ntp>,
    imported: bool,
) -> Value<Vec<Services>> {
    let blocks = state.known().cloned().unwrap_or_default();
    if imported && blocks.is_empty() {
        let of = |found: &Ntp| Services { ntpd: vec![Ntpd::observed(found)].into() };
        return ntp.map(of).into_iter().collect::<Vec<_>>().into();
    }
    let observe = |service: Services| {
        let ntpd = service.ntpd.known().cloned().unwrap_or_default();
        let ntpd = ntpd.into_iter().map(|block| ntp.map_or_else(|| block.unread(), Ntpd::observed));
        Services { ntpd: ntpd.collect::<Vec<_>>().into() }
    };
    blocks.into_iter().map(observe).collect::<Vec<_>>().into()
}

/// Checks the cluster and the datacenter that a plan adds: they exist.
async fn check_places(vsphere: &Vsphere, prior: Option<&M>, planned: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let cluster = planned.cluster().filter(|_| prior.is_none_or(|p| p.cluster != planned.cluster));
    if let Some(cluster) = cluster {
        out.merge(lookup::exists(vsphere, &cluster, M::CLUSTER).await.err().unwrap_or_default());
    }
    let datacenter =
        set(&planned.datacenter).filter(|_| prior.is_none_or(|p| p.datacenter != planned.datacenter));
    if let Some(id) = datacenter {
        let object = MoId::<Datacenter>::object(id);
        out.merge(lookup::exists(vsphere, &object, M::DATACENTER).await.err().unwrap_or_default());
    }
    out
}

/// Why a plan needs the host in another datacenter than it is in, where vSphere cannot move it.
async fn elsewhere(vsphere: &Vsphere, prior: Option<&M>, planned: &M) -> Option<(Field, String)> {
    let (prior, find) = (prior?, vsphere.api.find());
    let (at, wanted) = match planned.cluster().filter(|_| prior.cluster != planned.cluster) {
        Some(cluster) => (M::CLUSTER, find.datacenter_of(&cluster).await.ok()??),
        None => {
            let id = set(&planned.datacenter).filter(|_| prior.datacenter != planned.datacenter)?;
            (M::DATACENTER, MoId::<Datacenter>::object(id))
        }
    };
    let now = find.datacenter_of(&prior.object()).await.ok()??;
    let why = format!("vSphere does not move hosts from {now} to {wanted}.");
    (now != wanted).then_some((at, why))
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::SslVerify { .. } => Some(M::THUMBPRINT),
        FaultKind::AlreadyManaged { .. } => Some(M::FORCE),
        FaultKind::InvalidLogin => Some(M::PASSWORD),
        FaultKind::NoPermission { .. } => None,
        FaultKind::DuplicateName { .. }
        | FaultKind::InvalidName { .. }
        | FaultKind::AlreadyConnected
        | FaultKind::NoHost => Some(M::HOSTNAME),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(cluster: &str) -> M {
        M {
            cluster: cluster.into(),
            hostname: "esx1".into(),
            username: "root".into(),
            password: Secret::from("secret").into(),
            thumbprint: "AA:BB".into(),
            ..M::default()
        }
    }

    #[test]
    fn write_only_password_replaces_the_stored_one() {
        let stored = host("domain-c7");
        let password = |spec: HostConnectSpec| spec.password.unwrap_or_default();
        assert_eq!(password(stored.connect_spec(None)), xml::Secret::new("secret"));
        let config = M { password: Value::Null, password_wo: Secret::from("other").into(), ..host("") };
        let plan = M { password: Value::Null, ..host("domain-c7") };
        assert_eq!(password(plan.connect_spec(Some(&config))), xml::Secret::new("other"));
        assert!(!format!("{stored:?}").contains("secret"));
    }

    #[test]
    fn services_of_the_host_are_read_where_they_are_declared() {
        let found = Ntp { running: true, policy: "on".into(), servers: vec!["a".into()] };
        let none: Value<Vec<Services>> = vec![].into();
        let blocks =
            |ntpd: Ntpd| -> Value<Vec<Services>> { vec![Services { ntpd: vec![ntpd].into() }].into() };
        assert_eq!(observed_services(&none, Some(&found), false), none);
        assert_eq!(observed_services(&Value::Null, Some(&found), true), blocks(Ntpd::observed(&found)));
        let new = Ntpd { enabled: true.into(), policy: Value::Unknown, ntp_servers: Value::Unknown };
        assert_eq!(
            observed_services(&blocks(new.clone()), Some(&found), false),
            blocks(Ntpd::observed(&found))
        );
        let unread = Ntpd { policy: Value::Null, ntp_servers: Value::Null, ..new.clone() };
        assert_eq!(observed_services(&blocks(new), None, false), blocks(unread));
    }

    #[test]
    fn lockdown_modes_are_those_of_the_api() {
        for (text, mode) in [
            (DISABLED, HostLockdownMode::LockdownDisabled),
            ("", HostLockdownMode::LockdownDisabled),
            ("Normal", HostLockdownMode::LockdownNormal),
            ("STRICT", HostLockdownMode::LockdownStrict),
        ] {
            assert_eq!(lockdown_mode(text), mode);
            assert!(text.is_empty() || lockdown_text(&mode).is_some_and(|t| t.eq_ignore_ascii_case(text)));
        }
        assert_eq!(lockdown_text(&HostLockdownMode::from("lockdownNew")), None);
    }

    #[test]
    fn addresses_and_thumbprints_have_a_form() {
        for (text, ok) in [
            ("esx1.example.com", true),
            ("fd00::1", true),
            ("", false),
            ("https://esx1", false),
            (" ", false),
        ] {
            assert_eq!(address(&text.into()).is_ok(), ok, "{text}");
        }
        for (text, ok) in [("", true), ("AA:bb:01", true), ("aabb", true), ("SHA1 Fingerprint=AA", false)] {
            assert_eq!(thumbprint(&text.into()).is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn a_host_is_in_a_cluster_or_in_a_datacenter() {
        let both = M { datacenter: "datacenter-3".into(), ..host("domain-c7") };
        assert!(Host.validate(&both).has_errors());
        assert!(!Host.validate(&host("domain-c7")).has_errors());
        assert!(!Host.validate(&M { cluster: Value::Unknown, ..both }).has_errors());
    }
}
