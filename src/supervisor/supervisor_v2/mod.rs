//! `vsphere_supervisor_v2`
mod model;
mod spec;
use super::common::{DISABLES, LONG, disable, ended, hosted, not_blank, refused};
use crate::common::adopt::create_or_adopt_named;
use crate::common::machine::is_uuid;
use crate::common::moid::{Cluster, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use model::{ControlPlane, Workloads};
use std::collections::BTreeSet;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
    same,
};
use vsphere_client::supervisor::{ClusterInfo, Settings, Summary, SupervisorZone};
use vsphere_client::virtual_machine::Wait;

/// Manages a Supervisor on a cluster or on three vSphere Zones.
///
/// Requires vSphere 8.0 or later. Enabling a Supervisor can take an hour; vCenter's messages are in the log at level
/// `INFO`, and in the error if vCenter cannot apply the configuration.
///
/// Changed in place are the size and number of control plane virtual machines, DNS and NTP servers, the proxy, storage
/// policies, content libraries, the default image repository, the DNS names of the certificate, and the address ranges
/// and the login of HAProxy and NSX Advanced Load Balancer. Other changes force a new resource.
///
/// Destroying the resource removes the Supervisor with all of its namespaces and workloads.
///
/// An import reads the name, and the cluster or the zones. The first apply records `control_plane` and `workloads` from
/// the configuration, and changes those settings that can be changed in place and differ.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_supervisor_v2", category = "Workload Management")]
pub struct SupervisorV2Model {
    /// The ID of the Supervisor, a UUID.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the Supervisor.
    #[tf(required, force_new, check = not_blank)]
    pub name: Value<String>,
    /// The managed object ID of the cluster of a Supervisor with one zone, such as `domain-c8`. Exactly one of `cluster`
    /// and `zones` must be set.
    #[tf(optional, form = MoId::<Cluster>::form, exactly_one_of("cluster", "zones"))]
    pub cluster: Value<String>,
    /// The names of the vSphere Zones, in any order, such as the `id` of a `vsphere_zone`.
    #[tf(optional, same = same::unordered, each(check = not_blank))]
    pub zones: Value<Vec<String>>,
    /// The control plane virtual machines.
    #[tf(block, min = 1, max = 1)]
    pub control_plane: Value<Vec<ControlPlane>>,
    /// The settings for workloads.
    #[tf(block, min = 1, max = 1)]
    pub workloads: Value<Vec<Workloads>>,
    /// Timeouts for operations. An omitted timeout defaults to 2 hours, or to the provider's `api_timeout` if that is
    /// longer.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct SupervisorV2;

type M = SupervisorV2Model;

/// The first block, to be changed.
fn first_mut<T>(blocks: &mut Value<Vec<T>>) -> Option<&mut T> {
    match blocks {
        Value::Known(list) => list.first_mut(),
        _ => None,
    }
}

/// What vCenter returns instead of a value of the state. A value that is not set, or not returned, is left alone.
fn see<T: PartialEq + Default>(state: &mut Value<T>, found: Option<T>) {
    let Value::Known(now) = state else { return };
    if let Some(found) = found.filter(|f| f != now && *now != T::default()) {
        *now = found;
    }
}

/// As [`see`], of elements in any order.
fn see_unordered(state: &mut Value<Vec<String>>, found: Option<Vec<String>>) {
    let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
    let found = found.filter(|f| state.known().is_some_and(|s| set(s) != set(f)));
    see(state, found);
}

/// Without the settings that can be changed in place. Pure.
fn rigid(mut m: M) -> M {
    if let Some(plane) = first_mut(&mut m.control_plane) {
        (plane.count, plane.size, plane.storage_policy) = (Value::Null, Value::Null, Value::Null);
        if let Some(n) = first_mut(&mut plane.network) {
            (n.floating_ip, n.services, n.proxy) = (Value::Null, Value::Null, Value::Null);
        }
    }
    if let Some(work) = first_mut(&mut m.workloads) {
        (work.storage, work.kube_api_server_options) = (Value::Null, Value::Null);
        if let Some(n) = first_mut(&mut work.network) {
            // Of the services, only the search domains remain.
            let dns = n.services.first().and_then(|s| s.dns.first()).cloned();
            n.services = dns.map_or(Value::Null, |dns| {
                let dns = model::Dns { servers: Value::Null, ..dns };
                vec![model::Services { dns: vec![dns].into(), ntp: Value::Null }].into()
            });
        }
        if let Some(images) = first_mut(&mut work.images) {
            images.repository = Value::Null;
            images.kubernetes_content_library = Value::Null;
            images.content_library = Value::Null;
        }
        if let Some(edge) = first_mut(&mut work.edge) {
            let mut login = false;
            if let Some(h) = first_mut(&mut edge.haproxy) {
                (h.username, h.password, h.ca_chain) = (Value::Null, Value::Null, Value::Null);
                (h.password_wo, h.password_wo_version) = (Value::Null, Value::Null);
                login = true;
            }
            if let Some(a) = first_mut(&mut edge.nsx_advanced) {
                (a.username, a.password, a.ca_chain) = (Value::Null, Value::Null, Value::Null);
                (a.password_wo, a.password_wo_version) = (Value::Null, Value::Null);
                login = true;
            }
            if login {
                edge.lb_address_range = Value::Null;
            }
        }
    }
    m
}

/// The parts of which a change needs a new Supervisor. Pure.
fn frozen(prior: &M, plan: &M) -> Vec<Field> {
    let (was, is) = (rigid(prior.clone()), rigid(plan.clone()));
    [
        (M::CLUSTER, was.cluster != is.cluster),
        (M::ZONES, was.zones != is.zones),
        (M::CONTROL_PLANE, was.control_plane != is.control_plane),
        (M::WORKLOADS, was.workloads != is.workloads),
    ]
    .into_iter()
    .filter_map(|(field, is)| is.then_some(field))
    .collect()
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the Supervisor `{}`", self.name.as_str())
    }

    /// With what vCenter returns: settings that it does not return stay.
    fn observed(mut self, summary: Summary, topology: &[SupervisorZone], info: Option<ClusterInfo>) -> Self {
        self.name = summary.name.into();
        let zones: Vec<String> = topology.iter().map(|z| z.zone.clone()).filter(|z| !z.is_empty()).collect();
        let cluster = topology.iter().flat_map(|z| &z.clusters).next().cloned();
        let (by_zones, by_cluster) =
            (self.zones.known().is_some_and(|z| !z.is_empty()), !self.cluster.as_str().is_empty());
        if by_zones || (!by_cluster && zones.len() > 1) {
            if by_zones {
                see_unordered(&mut self.zones, Some(zones).filter(|z| !z.is_empty()));
            } else {
                self.zones = zones.into();
            }
        } else if let Some(cluster) = cluster {
            self.cluster = cluster.into();
        }
        let Some(info) = info else { return self };
        let s = info.settings;
        if let Some(plane) = first_mut(&mut self.control_plane) {
            see(&mut plane.size, s.size_hint);
            see(&mut plane.count, s.count);
            see(&mut plane.storage_policy, s.master_storage_policy);
            if let Some(n) = first_mut(&mut plane.network) {
                see(&mut n.floating_ip, info.management.and_then(|m| m.floating_ip));
                if let Some(services) = first_mut(&mut n.services) {
                    if let Some(dns) = first_mut(&mut services.dns) {
                        see(&mut dns.servers, s.master_dns);
                        see(&mut dns.search_domains, s.search_domains);
                    }
                    if let Some(ntp) = first_mut(&mut services.ntp) {
                        see(&mut ntp.servers, s.master_ntp);
                    }
                }
            }
        }
        if let Some(work) = first_mut(&mut self.workloads) {
            if let Some(services) = first_mut(&mut work.network).and_then(|n| first_mut(&mut n.services)) {
                if let Some(dns) = first_mut(&mut services.dns) {
                    see(&mut dns.servers, s.worker_dns);
                }
                if let Some(ntp) = first_mut(&mut services.ntp) {
                    see(&mut ntp.servers, s.worker_ntp);
                }
            }
            if let Some(security) =
                first_mut(&mut work.kube_api_server_options).and_then(|k| first_mut(&mut k.security))
            {
                see_unordered(&mut security.certificate_dns_names, s.dns_names);
            }
            if let Some(storage) = first_mut(&mut work.storage) {
                see(&mut storage.ephemeral_storage_policy, s.ephemeral_storage_policy);
                see(&mut storage.image_storage_policy, s.image_storage.map(|i| i.storage_policy));
            }
            if let Some(images) = first_mut(&mut work.images) {
                see(&mut images.repository, s.default_image_repository);
                see(&mut images.kubernetes_content_library, s.kubernetes_library);
            }
        }
        self
    }
}

/// A block of the configuration that must be the only one, or one of several.
fn one_of(
    out: &mut Diagnostics,
    at: &AttributePath,
    needed: bool,
    what: &str,
    blocks: &[(&str, Option<bool>)],
) {
    // What is unknown may be set or not.
    let set = blocks.iter().filter(|(_, is)| *is == Some(true)).count();
    let quoted: Vec<String> = blocks.iter().map(|(name, _)| format!("`{name}`")).collect();
    let names = quoted.split_last().map(|(last, others)| format!("{} and {last}", others.join(", ")));
    let names = names.unwrap_or_default();
    if set > 1 {
        let detail = format!("Only one of {names} can be set. Remove all others.");
        out.merge(Diagnostics::error(at.clone(), format!("Conflicting {what}s"), detail));
    } else if needed && blocks.iter().all(|(_, is)| *is == Some(false)) {
        let detail = format!("Exactly one of {names} must be set.");
        out.merge(Diagnostics::error(at.clone(), format!("Missing {what}"), detail));
    }
}

/// Whether there is a block; nothing where that is unknown.
fn is_set<T>(blocks: &Value<Vec<T>>) -> Option<bool> {
    match blocks {
        Value::Unknown => None,
        Value::Null => Some(false),
        Value::Known(list) => Some(!list.is_empty()),
    }
}

fn check_workloads(out: &mut Diagnostics, work: &Workloads) {
    let at = M::WORKLOADS.index(0);
    if let Some(n) = work.network.first() {
        let blocks =
            [("vsphere", is_set(&n.vsphere)), ("nsx", is_set(&n.nsx)), ("nsx_vpc", is_set(&n.nsx_vpc))];
        one_of(out, &at.clone().field(Workloads::NETWORK).index(0), true, "workload network", &blocks);
    }
    let Some(edge) = work.edge.first() else { return };
    let at = at.field(Workloads::EDGE).index(0);
    let blocks = [
        ("foundation", is_set(&edge.foundation)),
        ("haproxy", is_set(&edge.haproxy)),
        ("nsx", is_set(&edge.nsx)),
        ("nsx_advanced", is_set(&edge.nsx_advanced)),
    ];
    one_of(out, &at, false, "load balancer", &blocks);
    let Some(foundation) = edge.foundation.first() else { return };
    let at = at.field(model::Edge::FOUNDATION).index(0);
    for (n, interface) in foundation.interface.known().into_iter().flatten().enumerate() {
        let Some(network) = interface.network.first() else { continue };
        let of_port_group = network.network_type.known().map(|t| t == "DVPG");
        if of_port_group == Some(true) && is_set(&network.dvpg_network) == Some(false) {
            let at = at.clone().field(model::Foundation::INTERFACE).index(n).field(model::Interface::NETWORK);
            let detail = "A network of the type `DVPG` requires a `dvpg_network` block.";
            out.merge(Diagnostics::error(at.index(0), "Missing distributed port group", detail));
        }
    }
}

impl Resource for SupervisorV2 {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID, a UUID, or by the name";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        if let Some(network) = config.control_plane.first().and_then(|c| c.network.first()) {
            let at = M::CONTROL_PLANE.index(0).field(ControlPlane::NETWORK).index(0);
            if let Some(backing) = network.backing.first() {
                let blocks = [
                    (
                        "network",
                        match &backing.network {
                            Value::Unknown => None,
                            v => Some(!v.is_null()),
                        },
                    ),
                    ("segments", is_set(&backing.segments)),
                ];
                let at = at.clone().field(model::PlaneNetwork::BACKING).index(0);
                one_of(&mut out, &at, true, "management network", &blocks);
            }
            if let Some(proxy) = network.proxy.first()
                && proxy.settings_source.known().is_some_and(|s| s != "CLUSTER_CONFIGURED")
                && (proxy.http_config.known().is_some() || proxy.https_config.known().is_some())
            {
                let at = at.field(model::PlaneNetwork::PROXY).index(0).field(model::Proxy::SETTINGS_SOURCE);
                let detail = "vCenter uses the addresses of a proxy only if `settings_source` is `CLUSTER_CONFIGURED`.";
                out.merge(Diagnostics::warning(at, "Proxy settings without effect", detail));
            }
        }
        if let Some(work) = config.workloads.first() {
            check_workloads(&mut out, work);
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(prior) = cx.prior else { return Ok(()) };
        let mut changed = frozen(prior, planned);
        if cx.imported() {
            // An import reads no settings, and not whether a single zone was given by its name or by its cluster.
            let by_zones = |m: &M| m.zones.known().is_some_and(|z| !z.is_empty());
            let same_kind = by_zones(prior) == by_zones(planned);
            changed.retain(|field| same_kind && [M::CLUSTER, M::ZONES].contains(field));
        }
        cx.replace.extend(changed.into_iter().map(AttributePath::from));
        if cx.is_replacement() {
            let summary = format!("Supervisor {:?} will be removed", prior.name.as_str());
            cx.warn(AttributePath::root(), summary, DISABLES);
        }
        Ok(())
    }

    async fn plan_destroy(&self, _cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let summary = format!("Supervisor {:?} will be removed", state.name.as_str());
        Ok(Diagnostics::warning(AttributePath::root(), summary, DISABLES))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let api = vsphere.api.supervisors();
        let doing = format!("enable {}", plan.title());
        let spec = spec::enable(&plan, cx.config());
        let cluster = plan.cluster.non_empty().map(String::as_str);
        let look = || async { Ok(api.named(&spec.name).await?.into_iter().next()) };
        let make = async { api.enable(cluster, &spec).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let at = if cluster.is_some() { M::CLUSTER } else { M::ZONES };
        let id = refused(made, &doing, "Manage", &hosted(at.into(), "<ID or name>"))?;
        let made = M { id: id.into(), ..plan };
        cx.checkpoint(&made);
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        ended(api.supervisor_runs(made.id.as_str(), wait).await, &doing)?;
        Ok(made)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let api = cx.client().api.supervisors();
        let (id, doing) = (state.id.as_str(), format!("read {}", state.title()));
        let (summary, topology) = futures_util::join!(api.supervisor(id), api.topology(id));
        let Some(summary) = summary.doing(&doing)? else { return Ok(None) };
        let topology = topology.doing(&doing)?;
        let info = match topology.iter().flat_map(|z| &z.clusters).next() {
            Some(cluster) => api.of_cluster(cluster).await.doing(&doing)?,
            None => None,
        };
        Ok(Some(state.observed(summary, &topology, info)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let api = vsphere.api.supervisors();
        let doing = format!("update {}", plan.title());
        let wait = || Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        let topology = api.topology(plan.id.as_str()).await.doing(&doing)?;
        let Some(cluster) = topology.iter().flat_map(|z| &z.clusters).next() else {
            let detail = "vCenter does not list a cluster of the Supervisor.";
            return Err(Diagnostics::error(AttributePath::root(), format!("Unable to {doing}"), detail));
        };
        let mut wanted = spec::settings(&plan);
        // After an import, the state does not have the settings: vCenter does.
        let mut now = spec::settings(&prior);
        if cx.imported()
            && let Some(info) = api.of_cluster(cluster).await.doing(&doing)?
        {
            // Passwords are not returned, and vCenter may list the library of Kubernetes among the others.
            (wanted.proxy, wanted.content_libraries) = (None, None);
            let floating_ip = info.management.and_then(|m| m.floating_ip);
            now = Settings { floating_ip, ..info.settings };
        }
        let settings = wanted.changed(&now);
        if settings != Settings::default() {
            refused(api.change(cluster, &settings, None).await, &doing, "Manage", &|_| None)?;
            ended(api.supervisor_runs(plan.id.as_str(), wait()).await, &doing)?;
        }
        if let Some(change) = spec::load_balancer(&prior, &plan, cx.config()) {
            let info = api.of_cluster(cluster).await.doing(&doing)?.unwrap_or_default();
            let edge =
                plan.workloads.first().and_then(|w| w.edge.first()).map(|e| e.id.get()).unwrap_or_default();
            let balancers = info.load_balancers;
            let Some(balancer) = balancers.iter().find(|b| b.id == edge).or(balancers.first()) else {
                let detail = "vCenter does not list a load balancer of the Supervisor.";
                return Err(Diagnostics::error(M::WORKLOADS, format!("Unable to {doing}"), detail));
            };
            let changed = api.change_load_balancer(cluster, &balancer.id, &change).await;
            refused(changed, &doing, "Manage", &|_| None)?;
            ended(api.supervisor_runs(plan.id.as_str(), wait()).await, &doing)?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let doing = format!("remove {}", state.title());
        let topology = match vsphere.api.supervisors().topology(state.id.as_str()).await {
            Err(e) if e.is_not_found() => return Ok(()),
            other => other.doing(&doing)?,
        };
        let Some(cluster) = topology.iter().flat_map(|z| &z.clusters).next() else {
            let detail = "vCenter does not list a cluster of the Supervisor, by which it could be removed.";
            return Err(Diagnostics::error(AttributePath::root(), format!("Unable to {doing}"), detail));
        };
        disable(vsphere, cluster, &doing, || Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel()))
            .await
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let api = cx.client().api.supervisors();
        let doing = format!("find the Supervisor `{id}`");
        let found = match is_uuid(id) {
            true => api.supervisor(id).await.doing(&doing)?.map(|_| id.to_owned()).into_iter().collect(),
            false => api.named(id).await.doing(&doing)?,
        };
        match found.as_slice() {
            [one] => Ok(M { id: one.clone().into(), ..M::default() }),
            [] => {
                let detail = "vCenter does not have a Supervisor of this ID or name. Supervisors are listed in the vSphere Client \
                              under \"Workload Management\", \"Supervisors\".";
                Err(Diagnostics::error(AttributePath::root(), format!("Supervisor {id:?} not found"), detail))
            }
            several => {
                let detail = format!("Import one of them by its ID: {}.", several.join(", "));
                let summary = format!("{} Supervisors have the name {id:?}", several.len());
                Err(Diagnostics::error(AttributePath::root(), summary, detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::model::*;
    use super::*;
    use tf_framework::Secret;

    fn example() -> M {
        let dns = Dns {
            servers: vec!["10.0.0.2".to_owned()].into(),
            search_domains: vec!["a.test".to_owned()].into(),
        };
        let services = Services { dns: vec![dns].into(), ..Services::default() };
        let backing = Backing { network: "network-1".into(), ..Backing::default() };
        let plane = ControlPlane {
            size: "SMALL".into(),
            count: 1.into(),
            network: vec![PlaneNetwork {
                backing: vec![backing].into(),
                services: vec![services.clone()].into(),
                ..PlaneNetwork::default()
            }]
            .into(),
            ..ControlPlane::default()
        };
        let network = WorkloadNetwork {
            vsphere: vec![VsphereNetwork { dvpg: "dvportgroup-1".into() }].into(),
            services: vec![services].into(),
            ..WorkloadNetwork::default()
        };
        let haproxy = HaProxy {
            server: vec![Server { host: "10.0.0.3".into(), port: 5556.into() }].into(),
            username: "u".into(),
            password: Value::Known(Secret::from("hunter2")),
            ca_chain: "c".into(),
            ..HaProxy::default()
        };
        let work = Workloads {
            network: vec![network].into(),
            edge: vec![Edge { haproxy: vec![haproxy].into(), ..Edge::default() }].into(),
            kube_api_server_options: vec![KubeOptions::default()].into(),
            ..Workloads::default()
        };
        M {
            id: "1".into(),
            name: "s".into(),
            cluster: "domain-c8".into(),
            control_plane: vec![plane].into(),
            workloads: vec![work].into(),
            ..M::default()
        }
    }

    fn plane(m: &mut M) -> &mut ControlPlane {
        first_mut(&mut m.control_plane).unwrap()
    }

    fn work(m: &mut M) -> &mut Workloads {
        first_mut(&mut m.workloads).unwrap()
    }

    #[test]
    fn settings_change_in_place() {
        let mut plan = example();
        plane(&mut plan).size = "LARGE".into();
        plane(&mut plan).count = 3.into();
        let edge = first_mut(&mut work(&mut plan).edge).unwrap();
        first_mut(&mut edge.haproxy).unwrap().password = Value::Known(Secret::from("other"));
        assert_eq!(frozen(&example(), &plan), []);
        let changed = spec::settings(&plan).changed(&spec::settings(&example()));
        assert_eq!((changed.size_hint.as_deref(), changed.count), (Some("LARGE"), Some(3)));
        assert_eq!(changed.master_dns, None);
        let change = spec::load_balancer(&example(), &plan, None).unwrap();
        assert_eq!(change.ha_proxy.unwrap().password.unwrap().0, "other");
        assert_eq!(spec::load_balancer(&example(), &example(), None), None);
    }

    #[test]
    fn other_networks_need_a_new_supervisor() {
        let mut plan = example();
        let network = first_mut(&mut work(&mut plan).network).unwrap();
        network.vsphere = vec![VsphereNetwork { dvpg: Value::Unknown }].into();
        assert_eq!(frozen(&example(), &plan), [M::WORKLOADS]);
        let other = M { cluster: "domain-c9".into(), ..example() };
        assert_eq!(frozen(&example(), &other), [M::CLUSTER]);
        let zones: Vec<String> = vec!["b".into(), "a".into()];
        assert_eq!(
            frozen(&M { zones: zones.clone().into(), ..example() }, &M { zones: zones.into(), ..example() }),
            []
        );
    }

    #[test]
    fn enabling_names_the_kinds_of_networks_and_load_balancers() {
        let spec = spec::enable(&example(), None);
        assert_eq!(spec.workloads.network.network_type, "VSPHERE");
        assert_eq!(spec.workloads.edge.provider, Some("HAPROXY"));
        assert_eq!(spec.control_plane.network.backing.backing, "NETWORK");
        assert_eq!((spec.zones, spec.workloads.images), (None, None));
        assert_eq!(spec.workloads.edge.haproxy.unwrap().password.0, "hunter2");
    }

    #[test]
    fn read_finds_changes_of_what_is_set() {
        let summary = Summary { name: "s".into(), ..Summary::default() };
        let topology = [SupervisorZone { zone: "z".into(), clusters: vec!["domain-c8".into()] }];
        let same = example().observed(summary.clone(), &topology, Some(ClusterInfo::default()));
        assert_eq!(same, example());
        let settings = Settings {
            size_hint: Some("TINY".into()),
            master_ntp: Some(vec!["ntp".into()]),
            master_storage_policy: Some("p".into()),
            ..Settings::default()
        };
        let info = ClusterInfo { settings, ..ClusterInfo::default() };
        let mut expected = example();
        plane(&mut expected).size = "TINY".into();
        assert_eq!(example().observed(summary.clone(), &topology, Some(info)), expected);
        // An import finds out whether it is a Supervisor of zones.
        let zone =
            |name: &str| SupervisorZone { zone: name.into(), clusters: vec![format!("domain-{name}")] };
        let found = M::default().observed(summary, &[zone("a"), zone("b"), zone("c")], None);
        assert_eq!((found.zones.get().len(), found.cluster.is_null()), (3, true));
    }

    #[test]
    fn kinds_exclude_each_other() {
        assert!(!SupervisorV2.validate(&example()).has_errors());
        let mut wrong = example();
        let network = first_mut(&mut work(&mut wrong).network).unwrap();
        network.nsx = vec![NsxNetwork::default()].into();
        let edge = first_mut(&mut work(&mut wrong).edge).unwrap();
        edge.nsx = vec![NsxEdge::default()].into();
        let backing = first_mut(&mut first_mut(&mut plane(&mut wrong).network).unwrap().backing).unwrap();
        backing.network = Value::Null;
        let problems = SupervisorV2.validate(&wrong).to_string();
        for text in
            ["Conflicting workload networks", "Conflicting load balancers", "Missing management network"]
        {
            assert!(problems.contains(text), "{problems}");
        }
        let mut unknown = example();
        let network = first_mut(&mut work(&mut unknown).network).unwrap();
        network.vsphere = Value::Unknown;
        assert!(!SupervisorV2.validate(&unknown).has_errors());
    }
}
