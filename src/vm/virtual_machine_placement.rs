//! `data.vsphere_virtual_machine_placement`
use crate::common::machine;
use crate::common::moid::{Cluster, Datastore, DatastoreCluster, Host, Managed, MoId, ResourcePool};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{AttributePath, DataCx, DataSource, Diagnostics, Field, Model, Result, Value};
use vsphere_client::virtual_machine::place::{Advice, Machine, Place, Store};
use vsphere_client::virtual_machine::{DiskPlacement, Recommendation};
use vsphere_client::{Fault, FaultKind, Kind, MoRef};

/// Returns where vSphere would place a new virtual machine: the cluster, host and datastore, with a rating and the
/// reason. Nothing is created or reserved.
///
/// With one cluster, DRS recommends a host and a datastore (`PlaceVm`). With several clusters, it also recommends the
/// cluster (`PlaceVmsXCluster`, which requires vSphere 8.0 or later). With a datastore cluster alone, Storage DRS
/// recommends a datastore (`RecommendDatastores`).
///
/// ~> A later plan can return another recommendation. To keep an existing virtual machine where it is, add the arguments
/// that are set from this data source to `ignore_changes`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_placement", category = "Virtual Machine")]
pub struct VirtualMachinePlacementModel {
    /// The name of the virtual machine.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the virtual machine.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The managed object IDs of the clusters to choose from. At least one of `compute_cluster_ids` and
    /// `datastore_cluster_id` must be set.
    #[tf(
        optional,
        count(1, usize::MAX),
        each(form = MoId::<Cluster>::form),
        at_least_one_of("compute_cluster_ids", "datastore_cluster_id")
    )]
    pub compute_cluster_ids: Value<BTreeSet<String>>,
    /// The managed object IDs of the hosts to choose from. Requires exactly one cluster. Defaults to all hosts of the
    /// cluster.
    #[tf(optional, each(form = MoId::<Host>::form))]
    pub host_system_ids: Value<BTreeSet<String>>,
    /// The virtual machines on whose hosts the virtual machine must not be placed: BIOS UUIDs (the `id` of
    /// `vsphere_virtual_machine`), instance UUIDs or managed object IDs. Requires exactly one cluster. Together with a
    /// `vsphere_compute_cluster_vm_anti_affinity_rule` that is not mandatory, virtual machines are on different hosts when
    /// they are created, and DRS prefers that later.
    #[tf(optional, each(form = machine::id))]
    pub anti_affinity_virtual_machine_ids: Value<BTreeSet<String>>,
    /// The managed object IDs of the datastores to choose from. Requires exactly one cluster. Defaults to all datastores
    /// of the cluster.
    #[tf(optional, each(form = MoId::<Datastore>::form))]
    pub datastore_ids: Value<BTreeSet<String>>,
    /// The managed object ID of the datastore cluster to choose a datastore from, such as `group-p5`. Cannot be used with
    /// several clusters.
    #[tf(optional, form = MoId::<DatastoreCluster>::form)]
    pub datastore_cluster_id: Value<String>,
    /// The managed object ID of the resource pool of the virtual machine. Required if `datastore_cluster_id` is set
    /// without `compute_cluster_ids`. Otherwise, that of the recommendation is returned.
    #[tf(optional, computed, form = MoId::<ResourcePool>::form)]
    pub resource_pool_id: Value<String>,
    /// The number of virtual CPUs. Defaults to `1`.
    #[tf(optional, at_least = 1)]
    pub num_cpus: Value<i64>,
    /// The memory size, in MiB. Defaults to `1024`.
    #[tf(optional, at_least = 4)]
    pub memory: Value<i64>,
    /// The guest ID. Defaults to `otherGuest64`.
    #[tf(optional)]
    pub guest_id: Value<String>,
    /// The sizes of the disks, in GiB.
    #[tf(required, count(1, 64))]
    pub disk_sizes: Value<Vec<i64>>,
    /// The ID of the storage policy of the virtual machine and its disks. Only datastores that the policy permits are
    /// recommended.
    #[tf(optional)]
    pub storage_policy_id: Value<String>,
    /// The managed object ID of the recommended cluster. Null if Storage DRS makes the recommendation.
    #[tf(computed)]
    pub compute_cluster_id: Value<String>,
    /// The managed object ID of the recommended host. Null if vSphere does not recommend a host.
    #[tf(computed)]
    pub host_system_id: Value<String>,
    /// The managed object ID of the recommended datastore. Null if vSphere does not recommend a datastore.
    #[tf(computed)]
    pub datastore_id: Value<String>,
    /// All recommendations, best first. `compute_cluster_id`, `datastore_id`, `host_system_id` and `resource_pool_id`
    /// are taken from the first recommendation.
    #[tf(computed)]
    pub recommendations: Value<Vec<RecommendationModel>>,
}

/// A place for the virtual machine.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct RecommendationModel {
    /// The rating of the recommendation, from `1` (lowest confidence) to `5`.
    #[tf(computed)]
    pub rating: Value<i64>,
    /// The reason for the recommendation, as vCenter words it.
    #[tf(computed)]
    pub reason: Value<String>,
    /// The managed object ID of the cluster.
    #[tf(computed)]
    pub compute_cluster_id: Value<String>,
    /// The managed object ID of the resource pool.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
    /// The managed object ID of the host.
    #[tf(computed)]
    pub host_system_id: Value<String>,
    /// The managed object ID of the datastore.
    #[tf(computed)]
    pub datastore_id: Value<String>,
}

type M = VirtualMachinePlacementModel;

/// The data source.
#[derive(Debug, Default)]
pub struct VirtualMachinePlacement;

vsphere_client::properties! {
    struct Root of "ClusterComputeResource" {
        pool: Option<MoRef> = "resourcePool",
    }
}

vsphere_client::properties! {
    struct Hosts of "ClusterComputeResource" {
        host: Vec<MoRef> = "host",
    }
}

vsphere_client::properties! {
    struct Runs of "VirtualMachine" {
        host: Option<MoRef> = "runtime.host",
    }
}

const GIB: i64 = 1 << 30;
const DOING: &str = "find a place for the virtual machine";

/// What does not go together in a configuration. Its arguments are below `base`. Pure.
pub(in crate::vm) fn problems(config: &M, base: &AttributePath) -> Diagnostics {
    let mut out = Diagnostics::default();
    for (n, gib) in config.disk_sizes.known().into_iter().flatten().enumerate().filter(|(_, gib)| **gib < 1) {
        let detail = format!("Expected a size of at least 1 GiB, got: {gib}.");
        out.merge(Diagnostics::error(M::DISK_SIZES.index(n), "Invalid value for `disk_sizes`", detail));
    }
    let mut conflict = |at: Field, detail: &str| {
        out.merge(Diagnostics::error(base.clone().field(at), "Conflicting placement arguments", detail));
    };
    let pod = config.datastore_cluster_id.known().is_some_and(|id| !id.is_empty());
    let hosts = config.host_system_ids.known().is_some_and(|ids| !ids.is_empty());
    let apart = config.anti_affinity_virtual_machine_ids.known().is_some_and(|ids| !ids.is_empty());
    let datastores = config.datastore_ids.known().is_some_and(|ids| !ids.is_empty());
    let clusters = match &config.compute_cluster_ids {
        Value::Unknown => return out,
        ids => ids.known().map_or(0, BTreeSet::len),
    };
    if clusters != 1 {
        for (set, at) in [
            (hosts, M::HOST_SYSTEM_IDS),
            (apart, M::ANTI_AFFINITY_VIRTUAL_MACHINE_IDS),
            (datastores, M::DATASTORE_IDS),
        ] {
            if set {
                conflict(at, &format!("`{}` requires exactly one cluster in `compute_cluster_ids`.", at.0));
            }
        }
    }
    if clusters > 1 && pod {
        let detail = "vSphere does not choose between several clusters and the datastores of a datastore cluster at the \
                      same time. Remove `datastore_cluster_id`, or keep one cluster.";
        conflict(M::DATASTORE_CLUSTER_ID, detail);
    }
    let pool = &config.resource_pool_id;
    if clusters > 0 && pool.known().is_some() {
        let detail = "The resource pool is that of the recommended cluster. Remove `resource_pool_id`.";
        conflict(M::RESOURCE_POOL_ID, detail);
    }
    if clusters == 0 && pod && pool.is_null() {
        let detail = "Storage DRS requires the resource pool of the virtual machine. Set `resource_pool_id`, or \
                      `compute_cluster_ids`.";
        out.merge(Diagnostics::error(M::DATASTORE_CLUSTER_ID, "Missing resource pool", detail));
    }
    out
}

/// The virtual machine of a configuration. Pure.
fn wanted(config: &M) -> Machine {
    Machine {
        name: config.name.get(),
        guest_id: config.guest_id.non_empty().cloned().unwrap_or_else(|| "otherGuest64".to_owned()),
        cpus: config.num_cpus.known().map_or(1, |n| i32::try_from(*n).unwrap_or(i32::MAX)),
        memory: config.memory.known().copied().unwrap_or(1024),
        disks: config.disk_sizes.get().iter().map(|gib| gib.saturating_mul(GIB)).collect(),
        policy: config.storage_policy_id.non_empty().cloned(),
        ..Machine::default()
    }
}

/// The references of a set of IDs. Pure.
fn objects<T: Managed>(ids: &Value<BTreeSet<String>>) -> Vec<MoRef> {
    ids.known().into_iter().flatten().map(MoId::<T>::object).collect()
}

/// The message for a virtual machine that fits nowhere. Pure.
fn nowhere(reasons: &[String], base: AttributePath) -> Diagnostics {
    let reasons: BTreeSet<&String> = reasons.iter().collect();
    let reasons: Vec<String> = reasons.into_iter().map(|r| format!("  {r}")).collect();
    let detail = match reasons.as_slice() {
        [] => "vCenter does not recommend any place, and does not return a reason. Verify that DRS is enabled on the \
               cluster, and that its hosts are connected and not in maintenance mode."
            .to_owned(),
        reasons => format!("vCenter does not recommend any place:\n{}", reasons.join("\n")),
    };
    Diagnostics::error(base, "Placement not found", detail)
}

/// A place that Storage DRS recommends, for a resource pool. Pure.
fn stored(from: Recommendation, pool: &MoRef) -> Place {
    let first = from.disks.into_values().next();
    Place {
        rating: from.rating,
        reason: from.reason,
        pool: Some(pool.clone()),
        datastore: from.datastore.or(first).map(Store::Object),
        ..Place::default()
    }
}

/// The hosts to choose from, of which virtual machines that must be on other hosts do not use any. Pure.
fn free(hosts: Vec<MoRef>, used: &BTreeSet<MoRef>) -> Vec<MoRef> {
    hosts.into_iter().filter(|host| !used.contains(host)).collect()
}

impl M {
    /// The hosts to choose from; none for all hosts of the cluster.
    async fn hosts(&self, vsphere: &Vsphere, cluster: &MoRef) -> Result<Vec<MoRef>> {
        let hosts = objects::<Host>(&self.host_system_ids);
        let apart = self.anti_affinity_virtual_machine_ids.get();
        if apart.is_empty() {
            return Ok(hosts);
        }
        let at = Self::ANTI_AFFINITY_VIRTUAL_MACHINE_IDS;
        let machines = machine::all(vsphere, apart.iter().map(String::as_str), at).await?;
        let machines: Vec<MoRef> = machines.into_iter().map(|m| m.object).collect();
        let read = vsphere.api.properties().get_many::<Runs>(&machines).await;
        let used: BTreeSet<MoRef> =
            read.doing_to(DOING, |_| Some(at))?.into_iter().filter_map(|r| r.host).collect();
        let all = if hosts.is_empty() {
            let read = vsphere.api.properties().get::<Hosts>(cluster).await;
            read.doing_to(DOING, |_| Some(Self::COMPUTE_CLUSTER_IDS))?.host
        } else {
            hosts
        };
        let left = free(all, &used);
        if left.is_empty() {
            let detail = "Each host to choose from has one of the virtual machines in \
                          `anti_affinity_virtual_machine_ids`. Add a host, or remove one of them.";
            return Err(Diagnostics::error(at, "Placement not found", detail));
        }
        Ok(left)
    }

    /// Asks vCenter.
    async fn advice(&self, vsphere: &Vsphere, machine: &Machine, base: &AttributePath) -> Result<Advice> {
        let clusters = objects::<Cluster>(&self.compute_cluster_ids);
        let at_clusters = |_: &FaultKind| Some(base.clone().field(Self::COMPUTE_CLUSTER_IDS));
        let machines = vsphere.api.virtual_machines();
        let pod = self.datastore_cluster_id.non_empty();
        let pod = pod.map(MoId::<DatastoreCluster>::object);
        match (clusters.as_slice(), pod) {
            ([], Some(pod)) => {
                let pool = MoId::<ResourcePool>::object(self.resource_pool_id.as_str());
                let datacenter = vsphere.api.find().datacenter_of(&pod).await.doing(DOING)?;
                let Some(datacenter) = datacenter else {
                    return Err(MoId::<DatastoreCluster>::not_found(&pod.id, Self::DATASTORE_CLUSTER_ID));
                };
                let folder = vsphere.api.datacenters().folders(&datacenter).await.doing(DOING)?;
                let config = machine.config();
                let disks = DiskPlacement::added(&config.device_change, &pod);
                let folder = folder.of(vsphere_client::Area::Vm);
                let found = machines.recommend_create(folder, &pool, None, &pod, &disks, config).await;
                let found = found.doing_to(DOING, |_| Some(Self::DATASTORE_CLUSTER_ID))?;
                let places = found.into_iter().map(|r| stored(r, &pool)).collect();
                Ok(Advice { places, faults: vec![] })
            }
            ([cluster], pod) => {
                let hosts = self.hosts(vsphere, cluster).await?;
                let datastores = objects::<Datastore>(&self.datastore_ids);
                let pods = pod.into_iter().collect();
                let found = machines.place(cluster, machine, hosts, datastores, pods).await;
                found.doing_to(DOING, at_clusters)
            }
            (clusters, _) => {
                let read = vsphere.api.properties().get_many::<Root>(clusters).await;
                let read = read.doing_to(DOING, at_clusters)?;
                let pools = read.into_iter().filter_map(|r| r.pool).collect();
                let found = machines.place_across(pools, machine).await;
                found.doing_to(DOING, at_clusters)
            }
        }
    }
}

/// The managed object ID of a recommended datastore.
async fn datastore(vsphere: &Vsphere, place: &Place) -> Result<Option<String>> {
    let name = match &place.datastore {
        None => return Ok(None),
        Some(Store::Object(object)) => return Ok(Some(object.id.to_string())),
        Some(Store::Named(name)) => name,
    };
    let datacenter = match &place.cluster {
        Some(cluster) => vsphere.api.find().datacenter_of(cluster).await.doing(DOING)?,
        None => None,
    };
    let found = vsphere.api.find().object_by_name(Kind::Datastore, name, datacenter.as_ref()).await;
    Ok(Some(found.doing(DOING)?.object.id.to_string()))
}

/// The best place that vSphere recommends, and the others, best first. The arguments of `config` are below `base`.
///
/// # Errors
/// vSphere recommends nothing, with its reasons, and those of any call.
async fn places(vsphere: &Vsphere, config: &M, base: AttributePath) -> Result<(Place, Vec<Place>)> {
    let advice = config.advice(vsphere, &wanted(config), &base).await?;
    let mut places = advice.places.into_iter();
    if let Some(best) = places.next() {
        return Ok((best, places.collect()));
    }
    let words = |fault: Fault| if fault.message.is_empty() { fault.name } else { fault.message };
    let reasons: Vec<String> = advice.faults.into_iter().map(words).collect();
    Err(nowhere(&reasons, base))
}

async fn described(vsphere: &Vsphere, place: &Place) -> Result<RecommendationModel> {
    let id = |object: &Option<MoRef>| object.as_ref().map(|o| o.id.to_string()).into();
    Ok(RecommendationModel {
        rating: i64::from(place.rating).into(),
        reason: place.reason.clone().into(),
        compute_cluster_id: id(&place.cluster),
        resource_pool_id: id(&place.pool),
        host_system_id: id(&place.host),
        datastore_id: datastore(vsphere, place).await?.into(),
    })
}

/// The best recommendation. The arguments of `config` are below `base`.
///
/// # Errors
/// vSphere recommends nothing, with its reasons, and those of any call.
pub(in crate::vm) async fn best(
    vsphere: &Vsphere,
    config: &M,
    base: AttributePath,
) -> Result<RecommendationModel> {
    described(vsphere, &places(vsphere, config, base).await?.0).await
}

impl DataSource for VirtualMachinePlacement {
    type Model = M;
    type Client = Vsphere;

    fn validate(&self, config: &M) -> Diagnostics {
        problems(config, &AttributePath::root())
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (best, others) = places(cx.client, &config, AttributePath::root()).await?;
        let best = described(cx.client, &best).await?;
        let mut recommendations = vec![best.clone()];
        for place in &others {
            recommendations.push(described(cx.client, place).await?);
        }
        Ok(M {
            id: config.name.clone(),
            compute_cluster_id: best.compute_cluster_id,
            resource_pool_id: best.resource_pool_id,
            host_system_id: best.host_system_id,
            datastore_id: best.datastore_id,
            recommendations: recommendations.into(),
            ..config
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(all: &[&str]) -> Value<BTreeSet<String>> {
        all.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>().into()
    }

    #[test]
    fn arguments_of_another_kind_of_placement_are_rejected() {
        let paths = |m: M| {
            problems(&m, &AttributePath::root()).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>()
        };
        let one = || M { compute_cluster_ids: ids(&["domain-c1"]), ..M::default() };
        let two = || M { compute_cluster_ids: ids(&["domain-c1", "domain-c2"]), ..M::default() };
        let pod = || Value::from("group-p1");
        assert_eq!(paths(one()), [""; 0]);
        assert_eq!(
            paths(M { host_system_ids: ids(&["host-1"]), datastore_cluster_id: pod(), ..one() }),
            [""; 0]
        );
        assert_eq!(
            paths(M {
                host_system_ids: ids(&["host-1"]),
                datastore_ids: ids(&["datastore-1"]),
                anti_affinity_virtual_machine_ids: ids(&["vm-1"]),
                datastore_cluster_id: pod(),
                ..two()
            }),
            ["host_system_ids", "anti_affinity_virtual_machine_ids", "datastore_ids", "datastore_cluster_id"]
        );
        assert_eq!(paths(M { resource_pool_id: "resgroup-1".into(), ..one() }), ["resource_pool_id"]);
        assert_eq!(paths(M { datastore_cluster_id: pod(), ..M::default() }), ["datastore_cluster_id"]);
        assert_eq!(paths(M { disk_sizes: vec![20, 0].into(), ..one() }), ["disk_sizes[1]"]);
        assert_eq!(paths(M { resource_pool_id: Value::Unknown, ..one() }), [""; 0]);
        let unknown =
            M { compute_cluster_ids: Value::Unknown, host_system_ids: ids(&["host-1"]), ..M::default() };
        assert_eq!(paths(unknown), [""; 0]);
    }

    #[test]
    fn hosts_of_other_virtual_machines_are_left_out() {
        let host = |id: &str| MoRef::new("HostSystem", id);
        let used = BTreeSet::from([host("host-2"), host("host-9")]);
        assert_eq!(free(vec![host("host-1"), host("host-2")], &used), [host("host-1")]);
        assert_eq!(free(vec![host("host-2")], &used), []);
    }

    #[test]
    fn sizes_are_in_bytes() {
        let config = M { name: "web".into(), disk_sizes: vec![20, 1].into(), ..M::default() };
        let machine = wanted(&config);
        assert_eq!(machine.disks, [20 << 30, 1 << 30]);
        assert_eq!((machine.cpus, machine.memory, machine.guest_id.as_str()), (1, 1024, "otherGuest64"));
    }

    #[test]
    fn each_reason_is_listed_once() {
        let of = |reasons: &[&str]| {
            let reasons: Vec<String> = reasons.iter().map(|r| (*r).to_owned()).collect();
            nowhere(&reasons, AttributePath::root()).to_string()
        };
        let message = of(&["no host", "no host", "full"]);
        assert_eq!(message.matches("no host").count(), 1, "{message}");
        assert!(of(&[]).contains("DRS is enabled"));
    }
}
