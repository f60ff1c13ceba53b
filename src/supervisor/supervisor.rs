//! `vsphere_supervisor`
use super::common::{DISABLES, LONG, dns_label, ended, hosted, not_blank, policy_id, refused, same_policy};
use crate::common::adopt::create_or_adopt_named;
use crate::common::lookup;
use crate::common::moid::{Cluster, MoId};
use crate::fault::{Doing, capital};
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result,
    Timeouts, Value, same,
};
use vsphere_client::supervisor::{
    AddressRange, Cidr, ClusterInfo, ImageStorage, ManagementNetwork, NamespaceSpec, NsxNetworks, NsxSpec,
    Settings, Supervisors, VmService,
};
use vsphere_client::virtual_machine::Wait;

/// Manages the Supervisor of a cluster with NSX networking.
///
/// The official provider has deprecated this resource: use `vsphere_supervisor_v2` for new Supervisors. Requires
/// vSphere 7.0 Update 1 or later. Enabling a Supervisor can take an hour; vCenter's messages are in the log at level
/// `INFO`, and in the error if vCenter cannot apply the configuration.
///
/// DNS and NTP servers, search domains, the size, the storage policy, the content library and the namespaces are
/// changed in place. CIDR blocks can be added in place, but not removed.
///
/// Destroying the resource removes the Supervisor with all of its namespaces and workloads.
///
/// An import does not read namespaces: the first apply takes over the declared ones.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_supervisor", category = "Workload Management")]
pub struct SupervisorModel {
    /// The managed object ID of the cluster.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c8`. Changing this forces a new resource.
    #[tf(required, form = MoId::<Cluster>::form)]
    pub cluster: Value<String>,
    /// The storage policy for control plane virtual machines, ephemeral disks and container images: the ID, such as the
    /// `id` of a `vsphere_storage_policy` data source, or the name.
    #[tf(required, check = not_blank)]
    pub storage_policy: Value<String>,
    /// The management network of the control plane virtual machines. Changing this forces a new resource.
    #[tf(block, min = 1, max = 1)]
    pub management_network: Value<Vec<ManagementModel>>,
    /// The ID of the content library with the Kubernetes releases, usually a subscribed content library.
    #[tf(required, check = not_blank)]
    pub content_library: Value<String>,
    /// The DNS servers of the control plane, in order of preference.
    #[tf(required)]
    pub main_dns: Value<Vec<String>>,
    /// The NTP servers of the control plane, in order of preference.
    #[tf(required)]
    pub main_ntp: Value<Vec<String>>,
    /// The NTP servers of the worker nodes, in order of preference.
    #[tf(required)]
    pub worker_ntp: Value<Vec<String>>,
    /// The DNS servers of the worker nodes, in order of preference.
    #[tf(required)]
    pub worker_dns: Value<Vec<String>>,
    /// The ID of the NSX edge cluster. Changing this forces a new resource.
    #[tf(required, check = not_blank)]
    pub edge_cluster: Value<String>,
    /// The UUID of the distributed switch, such as the `id` of a `vsphere_distributed_virtual_switch`. Changing this
    /// forces a new resource.
    #[tf(required, check = not_blank)]
    pub dvs_uuid: Value<String>,
    /// The size of the control plane virtual machines: `TINY`, `SMALL`, `MEDIUM` or `LARGE`.
    #[tf(required, one_of("TINY", "SMALL", "MEDIUM", "LARGE"))]
    pub sizing_hint: Value<String>,
    /// The CIDR blocks from which NSX assigns addresses for SNAT. Removing a block forces a new resource.
    #[tf(block, min = 1)]
    pub egress_cidr: Value<Vec<CidrModel>>,
    /// The CIDR blocks from which NSX assigns addresses for Kubernetes ingresses and load balancers. Removing a block
    /// forces a new resource.
    #[tf(block, min = 1)]
    pub ingress_cidr: Value<Vec<CidrModel>>,
    /// The CIDR blocks from which Kubernetes assigns addresses to pods, with a prefix of at most 23. Removing a block
    /// forces a new resource.
    #[tf(block, min = 1)]
    pub pod_cidr: Value<Vec<CidrModel>>,
    /// The CIDR block from which Kubernetes assigns addresses to services. Changing this forces a new resource.
    #[tf(block, min = 1, max = 1)]
    pub service_cidr: Value<Vec<CidrModel>>,
    /// The DNS search domain of the control plane, a list of one element.
    #[tf(required, count(1, 1), each(check = not_blank))]
    pub search_domains: Value<Vec<String>>,
    /// The namespaces of the Supervisor. Namespaces that are not declared are left alone. Declare a namespace either
    /// here or as a `vsphere_namespace`.
    #[tf(block, set)]
    pub namespace: Value<Vec<NamespaceBlock>>,
    /// Timeouts for operations. An omitted timeout defaults to 2 hours, or to the provider's `api_timeout` if that is
    /// longer.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The management network of the control plane virtual machines.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ManagementModel {
    /// The managed object ID of the network, such as `dvportgroup-66`.
    #[tf(required, check = not_blank)]
    pub network: Value<String>,
    /// The first address of the control plane virtual machines.
    #[tf(required, check = ipv4)]
    pub starting_address: Value<String>,
    /// The subnet mask, such as `255.255.255.0`.
    #[tf(required, check = ipv4)]
    pub subnet_mask: Value<String>,
    /// The address of the gateway.
    #[tf(required, check = ipv4)]
    pub gateway: Value<String>,
    /// The number of addresses, beginning with `starting_address`. A Supervisor uses 5.
    #[tf(required, at_least = 1)]
    pub address_count: Value<i64>,
}

/// A CIDR block.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct CidrModel {
    /// The first address of the block.
    #[tf(required, check = ipv4)]
    pub address: Value<String>,
    /// The length of the prefix.
    #[tf(required, range(0, 32))]
    pub prefix: Value<i64>,
}

/// A namespace of the Supervisor.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NamespaceBlock {
    /// The name of the namespace, a DNS label that is unique in vCenter.
    #[tf(required, check = dns_label)]
    pub name: Value<String>,
    /// The IDs of the content libraries, in any order.
    #[tf(optional, same = same::unordered)]
    pub content_libraries: Value<Vec<String>>,
    /// The names of the virtual machine classes, in any order.
    #[tf(optional, same = same::unordered)]
    pub vm_classes: Value<Vec<String>>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct Supervisor;

type M = SupervisorModel;

/// An IPv4 address.
///
/// # Errors
/// It is none.
pub(super) fn ipv4(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    match text.parse::<Ipv4Addr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("{text:?} is not an IPv4 address. Expected an address such as \"10.0.0.10\".")),
    }
}

impl CidrModel {
    pub(super) fn spec(&self) -> Cidr {
        Cidr { address: self.address.get(), prefix: self.prefix.get() }
    }
}

impl From<Cidr> for CidrModel {
    fn from(c: Cidr) -> Self {
        Self { address: c.address.into(), prefix: c.prefix.into() }
    }
}

fn cidrs(blocks: &Value<Vec<CidrModel>>) -> Vec<Cidr> {
    blocks.get().iter().map(CidrModel::spec).collect()
}

fn blocks(cidrs: Vec<Cidr>) -> Value<Vec<CidrModel>> {
    cidrs.into_iter().map(CidrModel::from).collect::<Vec<_>>().into()
}

impl NamespaceBlock {
    fn spec(&self) -> NamespaceSpec {
        let vm_service =
            VmService { content_libraries: self.content_libraries.get(), vm_classes: self.vm_classes.get() };
        NamespaceSpec { storage: None, vm_service: Some(vm_service) }
    }

    fn observed(self, service: VmService) -> Self {
        let list = |was: Value<Vec<String>>, now: Vec<String>| {
            if now.is_empty() && was.is_null() { was } else { now.into() }
        };
        Self {
            content_libraries: list(self.content_libraries, service.content_libraries),
            vm_classes: list(self.vm_classes, service.vm_classes),
            ..self
        }
    }
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the Supervisor of {}", MoId::<Cluster>::object(self.cluster.as_str()))
    }

    /// What can be changed later. `policy` is the ID of the storage policy.
    fn settings(&self, policy: &str) -> Settings {
        Settings {
            size_hint: Some(self.sizing_hint.get()),
            master_dns: Some(self.main_dns.get()),
            worker_dns: Some(self.worker_dns.get()),
            search_domains: Some(self.search_domains.get()),
            master_ntp: Some(self.main_ntp.get()),
            worker_ntp: Some(self.worker_ntp.get()),
            master_storage_policy: Some(policy.to_owned()),
            ephemeral_storage_policy: Some(policy.to_owned()),
            image_storage: Some(ImageStorage { storage_policy: policy.to_owned() }),
            kubernetes_library: Some(self.content_library.get()),
            ..Settings::default()
        }
    }

    fn networks(&self) -> NsxNetworks {
        NsxNetworks {
            pod_cidrs: cidrs(&self.pod_cidr),
            ingress_cidrs: cidrs(&self.ingress_cidr),
            egress_cidrs: cidrs(&self.egress_cidr),
            cluster_distributed_switch: self.dvs_uuid.get(),
            nsx_edge_cluster: self.edge_cluster.get(),
        }
    }

    fn spec(&self, policy: &str) -> NsxSpec {
        let management = self.management_network.get().into_iter().next().unwrap_or_default();
        NsxSpec {
            settings: self.settings(policy),
            networks: self.networks(),
            service_cidr: cidrs(&self.service_cidr).into_iter().next().unwrap_or_default(),
            management: ManagementNetwork {
                network: management.network.get(),
                mode: "STATICRANGE".to_owned(),
                address_range: Some(AddressRange {
                    starting_address: management.starting_address.get(),
                    address_count: management.address_count.get(),
                    subnet_mask: management.subnet_mask.get(),
                    gateway: management.gateway.get(),
                }),
                floating_ip: None,
            },
        }
    }

    /// With what vCenter returns. `policy` is the storage policy as the state has it, where it is the same.
    fn observed(self, info: ClusterInfo, policy: Value<String>) -> Self {
        let s = info.settings;
        let list = |v: Option<Vec<String>>| Value::Known(v.unwrap_or_default());
        // From vSphere 9.0 on, the library may be among the others.
        let libraries: Vec<String> =
            s.content_libraries.unwrap_or_default().into_iter().map(|l| l.content_library).collect();
        let library = match s.kubernetes_library.filter(|l| !l.is_empty()) {
            Some(library) => library.into(),
            None if libraries.is_empty() || libraries.contains(&self.content_library.get()) => {
                self.content_library
            }
            None => libraries.into_iter().next().into(),
        };
        let management = info.management.and_then(|n| {
            let range = n.address_range?;
            Some(vec![ManagementModel {
                network: n.network.into(),
                starting_address: range.starting_address.into(),
                subnet_mask: range.subnet_mask.into(),
                gateway: range.gateway.into(),
                address_count: range.address_count.into(),
            }])
        });
        let seen = Self {
            id: self.cluster.clone(),
            storage_policy: policy,
            content_library: library,
            sizing_hint: s.size_hint.map_or(self.sizing_hint, Value::from),
            main_dns: list(s.master_dns),
            worker_dns: list(s.worker_dns),
            main_ntp: list(s.master_ntp),
            worker_ntp: list(s.worker_ntp),
            search_domains: list(s.search_domains),
            management_network: management.map_or(self.management_network, Value::from),
            service_cidr: blocks(vec![info.service_cidr]),
            ..self
        };
        // Another network provider has none of these.
        match info.networks {
            None => seen,
            Some(n) => Self {
                egress_cidr: blocks(n.egress_cidrs),
                ingress_cidr: blocks(n.ingress_cidrs),
                pod_cidr: blocks(n.pod_cidrs),
                edge_cluster: n.nsx_edge_cluster.into(),
                dvs_uuid: n.cluster_distributed_switch.into(),
                ..seen
            },
        }
    }

    /// Creates, changes and deletes namespaces, and saves each step. `prior` has those of the state.
    async fn apply_namespaces(&self, cx: &Cx<'_, Supervisor>, prior: Vec<NamespaceBlock>) -> Result<()> {
        let api = cx.client().api.supervisors();
        let wanted = self.namespace.get();
        let wait = || Wait::new(cx.timeout(cx.client().timeout.max(LONG)), cx.cancel());
        let mut done = prior.clone();
        let save = |done: &[NamespaceBlock]| {
            cx.checkpoint(&M { namespace: done.to_vec().into(), ..self.clone() });
        };
        for old in &prior {
            let name = old.name.as_str();
            if wanted.iter().any(|w| w.name == old.name) {
                continue;
            }
            let doing = format!("delete the namespace `{name}`");
            match api.delete_namespace(name).await {
                Err(e) if e.is_not_found() => {}
                other => {
                    refused(other, &doing, "Configure", &|_| None)?;
                    ended(api.namespace_ends(name, wait()).await, &doing)?;
                }
            }
            done.retain(|d| d.name != old.name);
            save(&done);
        }
        for block in &wanted {
            let name = block.name.as_str();
            let found = done.iter().position(|d| d.name == block.name);
            let doing;
            match found {
                Some(at) if done[at].spec() == block.spec() => continue,
                Some(at) => {
                    doing = format!("update the namespace `{name}`");
                    let changed = api.update_namespace(name, &block.spec()).await;
                    refused(changed, &doing, "Configure", &|_| None)?;
                    done[at] = block.clone();
                }
                // An import does not know which namespaces are declared here.
                None if cx.imported() && self.has_namespace(&api, name).await? => {
                    doing = format!("update the namespace `{name}`");
                    let changed = api.update_namespace(name, &block.spec()).await;
                    refused(changed, &doing, "Configure", &|_| None)?;
                    done.push(block.clone());
                }
                None => {
                    doing = format!("create the namespace `{name}`");
                    self.create_namespace(&api, cx, block, &doing).await?;
                    done.push(block.clone());
                }
            }
            save(&done);
            ended(api.namespace_runs(name, wait()).await, &doing)?;
        }
        Ok(())
    }

    async fn has_namespace(&self, api: &Supervisors<'_>, name: &str) -> Result<bool> {
        let found = api.namespace_of_cluster(name).await.doing(format!("read the namespace `{name}`"))?;
        Ok(found.is_some_and(|n| n.cluster == self.cluster.as_str()))
    }

    async fn create_namespace(
        &self,
        api: &Supervisors<'_>,
        cx: &Cx<'_, Supervisor>,
        block: &NamespaceBlock,
        doing: &str,
    ) -> Result<()> {
        let (name, spec) = (block.name.as_str(), block.spec());
        let look = || async { Ok(api.namespace_of_cluster(name).await?.map(drop)) };
        let make = async { api.create_namespace_on_cluster(name, self.cluster.as_str(), &spec).await };
        let made = create_or_adopt_named(cx, &format!("the namespace `{name}`"), look, make).await;
        let taken = |kind: &str| {
            (kind == "ALREADY_EXISTS").then(|| {
                let detail = "Names of namespaces are unique in vCenter. Choose another name. To manage an existing \
                              namespace, import it as a `vsphere_namespace`.";
                (AttributePath::from(M::NAMESPACE), detail.to_owned())
            })
        };
        refused(made, doing, "Configure", &taken)
    }
}

/// The parts that only a new Supervisor can have: what is changed, and the blocks of addresses that are removed. Pure.
fn frozen(prior: &M, plan: &M) -> Vec<Field> {
    let removed = |was: &Value<Vec<CidrModel>>, is: &Value<Vec<CidrModel>>| match (was.known(), is.known()) {
        (Some(was), Some(is)) => was.iter().any(|block| !is.contains(block)),
        (was, _) => was.is_some(),
    };
    [
        (M::CLUSTER, prior.cluster != plan.cluster),
        (M::MANAGEMENT_NETWORK, prior.management_network != plan.management_network),
        (M::EDGE_CLUSTER, prior.edge_cluster != plan.edge_cluster),
        (M::DVS_UUID, prior.dvs_uuid != plan.dvs_uuid),
        (M::SERVICE_CIDR, prior.service_cidr != plan.service_cidr),
        (M::EGRESS_CIDR, removed(&prior.egress_cidr, &plan.egress_cidr)),
        (M::INGRESS_CIDR, removed(&prior.ingress_cidr, &plan.ingress_cidr)),
        (M::POD_CIDR, removed(&prior.pod_cidr, &plan.pod_cidr)),
    ]
    .into_iter()
    .filter_map(|(field, is)| is.then_some(field))
    .collect()
}

impl Resource for Supervisor {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path or the managed object ID of the cluster";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let mut names = BTreeSet::new();
        for block in config.namespace.known().into_iter().flatten() {
            if let Some(name) = block.name.known()
                && !names.insert(name)
            {
                let detail = format!("Two `namespace` blocks have the name {name:?}. Remove one of the two.");
                out.merge(Diagnostics::error(M::NAMESPACE, "Duplicate namespace", detail));
            }
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(prior) = cx.prior else { return Ok(()) };
        cx.replace.extend(frozen(prior, planned).into_iter().map(AttributePath::from));
        if cx.is_replacement() {
            cx.warn(AttributePath::root(), format!("{} will be removed", capital(&prior.title())), DISABLES);
        }
        Ok(())
    }

    async fn plan_destroy(&self, _cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let summary = format!("{} will be removed", capital(&state.title()));
        Ok(Diagnostics::warning(AttributePath::root(), summary, DISABLES))
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, cluster) = (vsphere.api.supervisors(), plan.cluster.as_str());
        let doing = format!("enable {}", plan.title());
        let policy = policy_id(vsphere, plan.storage_policy.as_str(), M::STORAGE_POLICY).await?;
        let spec = plan.spec(&policy);
        let look = || async { Ok(api.of_cluster(cluster).await?.map(drop)) };
        let make = async { api.enable_with_nsx(cluster, &spec).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        refused(made, &doing, "Manage", &hosted(M::CLUSTER.into(), cluster))?;
        let made = M { id: plan.cluster.clone(), ..plan };
        cx.checkpoint(&M { namespace: Value::Null, ..made.clone() });
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        ended(api.runs(made.cluster.as_str(), wait).await, &doing)?;
        made.apply_namespaces(cx, vec![]).await?;
        Ok(made)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let api = vsphere.api.supervisors();
        let doing = format!("read {}", state.title());
        let Some(info) = api.of_cluster(state.id.as_str()).await.doing(&doing)? else { return Ok(None) };
        let policies = [
            info.settings.master_storage_policy.clone(),
            info.settings.ephemeral_storage_policy.clone(),
            info.settings.image_storage.clone().map(|i| i.storage_policy),
        ];
        let policy = same_policy(vsphere, &state.storage_policy, policies.into_iter().flatten()).await?;
        let mut namespaces = vec![];
        for block in state.namespace.get() {
            let found = api.namespace_of_cluster(block.name.as_str()).await.doing(&doing)?;
            namespaces.extend(found.map(|found| block.observed(found.vm_service_spec)));
        }
        let namespace = if state.namespace.is_null() { Value::Null } else { namespaces.into() };
        let cluster = state.id.clone();
        Ok(Some(M { cluster, namespace, ..state }.observed(info, policy)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let api = vsphere.api.supervisors();
        let (cluster, doing) = (plan.cluster.as_str(), format!("update {}", plan.title()));
        let policy = policy_id(vsphere, plan.storage_policy.as_str(), M::STORAGE_POLICY).await?;
        let was = match prior.storage_policy == plan.storage_policy {
            true => policy.clone(),
            false => {
                policy_id(vsphere, prior.storage_policy.as_str(), M::STORAGE_POLICY).await.unwrap_or_default()
            }
        };
        let (settings, networks) = (plan.settings(&policy).changed(&prior.settings(&was)), plan.networks());
        let networks = (networks != prior.networks()).then_some(&networks);
        if settings != Settings::default() || networks.is_some() {
            refused(api.change(cluster, &settings, networks).await, &doing, "Manage", &|_| None)?;
            cx.checkpoint(&M { namespace: prior.namespace.clone(), ..plan.clone() });
            let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
            ended(api.runs(cluster, wait).await, &doing)?;
        }
        plan.apply_namespaces(cx, prior.namespace.get()).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        super::common::disable(vsphere, state.id.as_str(), &format!("remove {}", state.title()), || {
            Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel())
        })
        .await
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let cluster = lookup::imported(cx.client(), id, "ClusterComputeResource").await?;
        let found = cx.client().api.supervisors().of_cluster(&cluster.id).await;
        match found.doing(format!("read the Supervisor of {cluster}"))? {
            Some(info) if info.networks.is_some() => {
                let id: Value<String> = cluster.id.to_string().into();
                Ok(M { id: id.clone(), cluster: id, ..M::default() })
            }
            found => {
                let detail = match found {
                    Some(_) => {
                        "The Supervisor does not use NSX networking. Import it as a `vsphere_supervisor_v2`."
                    }
                    None => "The cluster does not have a Supervisor.",
                };
                Err(Diagnostics::error(AttributePath::root(), "Supervisor not found", detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(address: &str, prefix: i64) -> CidrModel {
        CidrModel { address: address.into(), prefix: prefix.into() }
    }

    fn example() -> M {
        let management = ManagementModel {
            network: "dvportgroup-1".into(),
            starting_address: "10.0.0.150".into(),
            subnet_mask: "255.255.255.0".into(),
            gateway: "10.0.0.1".into(),
            address_count: 5.into(),
        };
        M {
            id: "domain-c8".into(),
            cluster: "domain-c8".into(),
            storage_policy: "p".into(),
            management_network: vec![management].into(),
            content_library: "lib".into(),
            main_dns: vec!["10.0.0.250".to_owned()].into(),
            main_ntp: vec!["ntp".to_owned()].into(),
            worker_ntp: vec!["ntp".to_owned()].into(),
            worker_dns: vec!["10.0.0.250".to_owned()].into(),
            edge_cluster: "edge".into(),
            dvs_uuid: "50 0a".into(),
            sizing_hint: "MEDIUM".into(),
            egress_cidr: vec![cidr("10.10.11.0", 24)].into(),
            ingress_cidr: vec![cidr("10.10.10.0", 24)].into(),
            pod_cidr: vec![cidr("10.244.0.0", 23)].into(),
            service_cidr: vec![cidr("10.10.12.0", 24)].into(),
            search_domains: vec!["example.com".to_owned()].into(),
            ..M::default()
        }
    }

    #[test]
    fn what_was_asked_for_is_seen_again() {
        let spec = example().spec("p");
        let info = ClusterInfo {
            settings: spec.settings,
            networks: Some(spec.networks),
            service_cidr: spec.service_cidr,
            management: Some(spec.management),
            ..ClusterInfo::default()
        };
        assert_eq!(M { cluster: "domain-c8".into(), ..M::default() }.observed(info, "p".into()), example());
    }

    #[test]
    fn blocks_can_be_added_and_not_removed() {
        let both = vec![cidr("10.244.0.0", 23), cidr("10.246.0.0", 23)];
        let more = M { pod_cidr: both.into(), sizing_hint: "LARGE".into(), ..example() };
        assert_eq!(frozen(&example(), &more), []);
        assert_eq!(frozen(&more, &example()), [M::POD_CIDR]);
        let other = M { dvs_uuid: Value::Unknown, pod_cidr: Value::Unknown, ..example() };
        assert_eq!(frozen(&example(), &other), [M::DVS_UUID, M::POD_CIDR]);
    }

    #[test]
    fn library_may_be_among_the_others() {
        use vsphere_client::supervisor::ContentLibrary;
        let of = |id: &str| {
            let libraries = vec![ContentLibrary { content_library: id.into(), ..Default::default() }];
            let settings = Settings { content_libraries: Some(libraries), ..Settings::default() };
            let info = ClusterInfo { settings, ..ClusterInfo::default() };
            example().observed(info, "p".into()).content_library.get()
        };
        assert_eq!((of("lib"), of("other")), ("lib".to_owned(), "other".to_owned()));
    }

    #[test]
    fn two_namespaces_of_one_name_are_refused() {
        let block = || NamespaceBlock { name: "a".into(), ..NamespaceBlock::default() };
        let mut other = block();
        other.vm_classes = vec!["x".to_owned()].into();
        let config = M { namespace: vec![block(), other].into(), ..example() };
        assert!(Supervisor.validate(&config).to_string().contains("Two `namespace` blocks"));
    }
}
