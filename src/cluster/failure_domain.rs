//! `data.vsphere_failure_domain`
use crate::cluster::common::groups::Kind as Group;
use crate::common::cluster_config;
use crate::common::lookup::{self, Query, listed};
use crate::common::{folders, tagging};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use tf_framework::{AttributePath, DataCx, DataSource, Diagnostics, Field, Model, Result, Value};
use vsphere_client::cluster::Cluster;
use vsphere_client::datacenter::Area;
use vsphere_client::vim::types::{ClusterRuleInfoKind, ClusterVmHostRuleInfo};
use vsphere_client::{Found, Kind, MoRef, Tag};

/// Finds the objects of a failure domain by their names, and verifies that virtual machines can be placed in it.
///
/// The arguments are those of `VSphereFailureDomain` and of the placement constraint of `VSphereDeploymentZone` in
/// Cluster API Provider vSphere (CAPV). As in CAPV, the tags of the region and of the zone must be attached to their
/// objects, the resource pool must be in the cluster, and a VM-Host rule must keep the virtual machine group on the host
/// group. In addition, the datastore and the networks must be available on the cluster, or on the hosts of the host
/// group.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_failure_domain", category = "Host and Cluster Management")]
pub struct FailureDomainModel {
    /// The names of the tags of the region and of the zone, joined by a slash: `eu-central/eu-central-1a`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The region that contains the failure domain. Its type cannot be `HostGroup`.
    #[tf(block, min = 1, max = 1)]
    pub region: Value<Vec<TagModel>>,
    /// The zone, which is the failure domain itself.
    #[tf(block, min = 1, max = 1)]
    pub zone: Value<Vec<TagModel>>,
    /// The objects in vCenter that the failure domain consists of.
    #[tf(block, min = 1, max = 1)]
    pub topology: Value<Vec<TopologyModel>>,
    /// The resource pool and the folder of the virtual machines in the failure domain.
    #[tf(block, max = 1)]
    pub placement_constraint: Value<Vec<PlacementModel>>,
    /// The ID of the tag of the region.
    #[tf(computed)]
    pub region_tag_id: Value<String>,
    /// The ID of the tag of the zone.
    #[tf(computed)]
    pub zone_tag_id: Value<String>,
    /// The managed object ID of the datacenter.
    #[tf(computed)]
    pub datacenter_id: Value<String>,
    /// The managed object ID of the cluster. Null without a `compute_cluster`.
    #[tf(computed)]
    pub compute_cluster_id: Value<String>,
    /// The managed object ID of the resource pool: that of `placement_constraint`, or the root resource pool of the
    /// cluster.
    #[tf(computed)]
    pub resource_pool_id: Value<String>,
    /// The managed object IDs of the hosts: those of the host group, or all hosts of the cluster.
    #[tf(computed)]
    pub host_system_ids: Value<BTreeSet<String>>,
    /// The managed object ID of the datastore. Null without a `datastore`.
    #[tf(computed)]
    pub datastore_id: Value<String>,
    /// The managed object IDs of the networks, in the order of `networks`.
    #[tf(computed)]
    pub network_ids: Value<Vec<String>>,
    /// The managed object ID of the folder. Null without a `folder`.
    #[tf(computed)]
    pub folder_id: Value<String>,
    /// The path of the folder, relative to the virtual machine folder of the datacenter, for use as the `folder` of a
    /// virtual machine. Null without a `folder`.
    #[tf(computed)]
    pub folder_path: Value<String>,
}

/// A region or a zone.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct TagModel {
    /// The name of the tag, such as `eu-central-1a`.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The name of the tag category, such as `k8s-zone`.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub tag_category: Value<String>,
    /// The objects of the topology that the tag must be attached to: `Datacenter`, `ComputeCluster`, or `HostGroup` for
    /// all hosts of the host group.
    #[tf(required, one_of("Datacenter", "ComputeCluster", "HostGroup"))]
    pub r#type: Value<String>,
}

/// The objects that a failure domain consists of.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct TopologyModel {
    /// The name or inventory path of the datacenter.
    #[tf(required, check = lookup::name)]
    pub datacenter: Value<String>,
    /// The name or inventory path of the cluster.
    #[tf(optional, check = lookup::name)]
    pub compute_cluster: Value<String>,
    /// The name or inventory path of the datastore.
    #[tf(optional, check = lookup::name)]
    pub datastore: Value<String>,
    /// The names or inventory paths of the networks.
    #[tf(optional, each(check = lookup::name))]
    pub networks: Value<Vec<String>>,
    /// The hosts of the cluster that the failure domain consists of. Requires `compute_cluster`.
    #[tf(block, max = 1)]
    pub hosts: Value<Vec<HostsModel>>,
}

/// Some hosts of a cluster, and the virtual machines that run on them.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct HostsModel {
    /// The name of the host group in the cluster.
    #[tf(required)]
    pub host_group_name: Value<String>,
    /// The name of the virtual machine group in the cluster. A VM-Host rule of the cluster must keep its members on the
    /// host group.
    #[tf(required)]
    pub vm_group_name: Value<String>,
}

/// The resource pool and the folder of virtual machines.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PlacementModel {
    /// The name or inventory path of the resource pool. A path is either absolute or relative to the host folder of the
    /// datacenter, such as `cluster1/Resources/team`. Must be in the cluster, if there is one.
    #[tf(optional, check = lookup::name)]
    pub resource_pool: Value<String>,
    /// The path of the folder, either absolute or relative to the virtual machine folder of the datacenter.
    #[tf(optional, check = folders::below)]
    pub folder: Value<String>,
}

type M = FailureDomainModel;

/// The data source.
#[derive(Debug, Default)]
pub struct FailureDomain;

vsphere_client::properties! {
    struct Reach of "ClusterComputeResource" {
        pool: Option<MoRef> = "resourcePool",
        datastores: Vec<MoRef> = "datastore",
        networks: Vec<MoRef> = "network",
    }
}

vsphere_client::properties! {
    struct HostReach of "HostSystem" {
        datastores: Vec<MoRef> = "datastore",
        networks: Vec<MoRef> = "network",
    }
}

/// An attribute of the only block of a list.
fn at(block: Field, attribute: Field) -> AttributePath {
    block.index(0).field(attribute)
}

/// What is wrong with a configuration by itself, as CAPV's admission webhook checks it. Pure.
fn problems(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(topology) = config.topology.first() else { return out };
    let no_cluster = topology.compute_cluster.is_null();
    let no_hosts = topology.hosts.known().is_some_and(Vec::is_empty) || topology.hosts.is_null();
    if no_cluster && topology.hosts.first().is_some() {
        let detail = "Host groups belong to a cluster. Set `compute_cluster`.";
        out.merge(Diagnostics::error(at(M::TOPOLOGY, TopologyModel::HOSTS), "Missing cluster", detail));
    }
    for (block, field) in [(&config.region, M::REGION), (&config.zone, M::ZONE)] {
        let at = at(field, TagModel::TYPE);
        let (summary, detail) = match block.first().and_then(|b| b.r#type.known()).map(String::as_str) {
            Some("HostGroup") if field.0 == M::REGION.0 => (
                "Invalid value for `type`",
                "A region is a datacenter or a cluster. Set `type` to one of the two.",
            ),
            Some("HostGroup") if no_hosts => {
                ("Missing host group", "With the type `HostGroup`, the `topology` must have a `hosts` block.")
            }
            Some("ComputeCluster") if no_cluster => (
                "Missing cluster",
                "With the type `ComputeCluster`, the `topology` must have a `compute_cluster`.",
            ),
            _ => continue,
        };
        out.merge(Diagnostics::error(at, summary, detail));
    }
    out
}

/// The rule that keeps a group of virtual machines on a group of hosts. Pure.
fn rule<'a>(
    rules: &'a [ClusterRuleInfoKind],
    machines: &str,
    hosts: &str,
) -> Option<&'a ClusterVmHostRuleInfo> {
    let fits = |r: &&ClusterVmHostRuleInfo| {
        r.vm_group_name.as_deref() == Some(machines) && r.affine_host_group_name.as_deref() == Some(hosts)
    };
    let all = rules.iter().filter_map(|r| match r {
        ClusterRuleInfoKind::ClusterVmHostRuleInfo(rule) => Some(&**rule),
        _ => None,
    });
    // One that is enabled is enough.
    let enabled = |r: &&ClusterVmHostRuleInfo| r.base.enabled == Some(true);
    all.clone().filter(fits).find(enabled).or_else(|| all.clone().find(fits))
}

/// The objects that lack a tag. Pure.
fn untagged<'a>(objects: &'a [MoRef], tagged: &[MoRef]) -> Vec<&'a MoRef> {
    objects.iter().filter(|o| !tagged.contains(o)).collect()
}

/// The message for objects that lack a tag. Pure.
fn not_tagged(kind: &str, tag: &str, category: &str, objects: &[&MoRef], at: AttributePath) -> Diagnostics {
    let lacking = listed(objects.iter().map(ToString::to_string));
    let detail = format!(
        "The tag {tag:?} of the category {category:?} must be attached to:\n{lacking}\nAttach it with \
         `vsphere_tag_attachment`."
    );
    Diagnostics::error(at, format!("Missing tag of the {kind}"), detail)
}

/// The message for a datastore or network that none of the hosts has. Pure.
fn out_of_reach(noun: &str, found: &Found, place: &str, at: AttributePath) -> Diagnostics {
    let object = &found.object;
    let detail = format!("{object} is not available on any host of {place}. Choose another {noun}.");
    Diagnostics::error(at, format!("Invalid {noun}"), detail)
}

/// What the topology of a failure domain consists of.
struct Topology {
    datacenter: MoRef,
    cluster: Option<(Found, Arc<Cluster>)>,
    /// The hosts: those of the host group, or of the cluster.
    hosts: Vec<MoRef>,
    pool: Option<MoRef>,
    datastore: Option<Found>,
    networks: Vec<Found>,
    folder: Option<MoRef>,
}

impl Topology {
    /// The objects that the tag of a region or zone has to be attached to. Pure.
    fn objects(&self, ty: &str) -> Vec<MoRef> {
        match ty {
            "Datacenter" => vec![self.datacenter.clone()],
            "ComputeCluster" => self.cluster.iter().map(|(found, _)| found.object.clone()).collect(),
            _ => self.hosts.clone(),
        }
    }
}

/// Looks for an object in a datacenter, if there is a name.
async fn find(
    vsphere: &Vsphere,
    datacenter: Option<&MoRef>,
    kind: Kind,
    name: Option<&String>,
    at: AttributePath,
) -> Result<Option<Found>> {
    let Some(name) = name else { return Ok(None) };
    let query = Query { kind, name, field: Field(""), datacenter, tags: None };
    query.one(vsphere).await.map(Some).map_err(|problems| problems.about(&at))
}

/// The tag of a region or zone.
async fn tag(vsphere: &Vsphere, block: &TagModel, field: Field) -> Result<Arc<Tag>> {
    let category_at = at(field, TagModel::TAG_CATEGORY);
    let category = tagging::category_named(vsphere, block.tag_category.as_str(), category_at.clone()).await?;
    tagging::tag_named(vsphere, block.name.as_str(), &category.id, at(field, TagModel::NAME), category_at)
        .await
}

/// The value, or nothing and the problems.
fn or_noted<T: Default>(result: Result<T>, out: &mut Diagnostics) -> T {
    result.unwrap_or_else(|problems| {
        out.merge(problems);
        T::default()
    })
}

/// The hosts of the host group. All that is wrong with the groups and the rule is added to `out`.
fn group(
    cx: &DataCx<'_, Vsphere>,
    cluster: &Cluster,
    hosts: &HostsModel,
    out: &mut Diagnostics,
) -> Vec<MoRef> {
    let block = at(M::TOPOLOGY, TopologyModel::HOSTS).index(0);
    let (machines, hosts) = (hosts.vm_group_name.as_str(), hosts.host_group_name.as_str());
    let (machines_at, hosts_at) =
        (block.clone().field(HostsModel::VM_GROUP_NAME), block.clone().field(HostsModel::HOST_GROUP_NAME));
    let members = Group::Hosts.find(cluster, hosts, hosts_at.clone(), "");
    let groups =
        [members.as_ref().err().cloned(), Group::Machines.find(cluster, machines, machines_at, "").err()];
    let groups: Vec<Diagnostics> = groups.into_iter().flatten().collect();
    if !groups.is_empty() {
        groups.into_iter().for_each(|problems| out.merge(problems));
        return vec![];
    }
    let title = cluster_config::title(cluster);
    match rule(&cluster.rules, machines, hosts) {
        None => {
            let detail = format!(
                "{title} does not have a rule that keeps the virtual machine group {machines:?} on the host group \
                 {hosts:?}. Create a `vsphere_compute_cluster_vm_host_rule` with `affinity_host_group_name`."
            );
            out.merge(Diagnostics::error(block, "Missing VM-Host rule", crate::fault::capital(&detail)));
        }
        Some(rule) if rule.base.enabled != Some(true) => {
            let name = rule.base.name.as_deref().unwrap_or_default();
            let detail = format!(
                "The rule {name:?} in {title} is disabled: virtual machines of the failure domain can run on other hosts."
            );
            cx.warn(block, "VM-Host rule is disabled", detail);
        }
        Some(_) => {}
    }
    let members = members.map(<[MoRef]>::to_vec).unwrap_or_default();
    if members.is_empty() {
        let detail = format!("The host group {hosts:?} in {title} does not have any hosts. Add hosts to it.");
        out.merge(Diagnostics::error(hosts_at, "Empty host group", detail));
    }
    members
}

/// Looks up the objects of the topology, and verifies that they belong together.
async fn topology(cx: &DataCx<'_, Vsphere>, config: &M, out: &mut Diagnostics) -> Result<Topology> {
    let vsphere = cx.client;
    let (topology, constraint) = (config.topology.first(), config.placement_constraint.first());
    let topology = topology.cloned().unwrap_or_default();
    let constraint = constraint.cloned().unwrap_or_default();
    let of = |field: Field| at(M::TOPOLOGY, field);
    let pool_at = at(M::PLACEMENT_CONSTRAINT, PlacementModel::RESOURCE_POOL);
    let name = topology.datacenter.non_empty();
    let found = find(vsphere, None, Kind::Datacenter, name, of(TopologyModel::DATACENTER)).await?;
    let Some(Found { object: datacenter, .. }) = found else { return Err(Diagnostics::default()) };
    let here = Some(&datacenter);
    let names = topology.networks.get();
    let networks = names.iter().enumerate().map(|(n, name)| {
        find(vsphere, here, Kind::Network, Some(name), of(TopologyModel::NETWORKS).index(n))
    });
    let folder = async {
        let Some(path) = constraint.folder.non_empty() else { return Ok(None) };
        let folder = folders::find(vsphere, &datacenter, Area::Vm, path, Field("")).await;
        folder.map(Some).map_err(|p| p.about(&at(M::PLACEMENT_CONSTRAINT, PlacementModel::FOLDER)))
    };
    let (cluster, pool, datastore, networks, folder) = futures_util::join!(
        find(
            vsphere,
            here,
            Kind::Cluster,
            topology.compute_cluster.non_empty(),
            of(TopologyModel::COMPUTE_CLUSTER)
        ),
        find(vsphere, here, Kind::ResourcePool, constraint.resource_pool.non_empty(), pool_at.clone()),
        find(vsphere, here, Kind::Datastore, topology.datastore.non_empty(), of(TopologyModel::DATASTORE)),
        join_all(networks),
        folder,
    );
    let pool = or_noted(pool, out);
    let mut it = Topology {
        cluster: None,
        hosts: vec![],
        pool: pool.as_ref().map(|p| p.object.clone()),
        datastore: or_noted(datastore, out),
        networks: networks.into_iter().filter_map(|n| or_noted(n, out)).collect(),
        folder: or_noted(folder, out),
        datacenter: datacenter.clone(),
    };
    let Some(found) = or_noted(cluster, out) else { return Ok(it) };
    let owner = async {
        let Some(pool) = &it.pool else { return Ok(None) };
        vsphere.api.resource_pools().get(pool).await.doing(format!("read {pool}")).map(|p| Some(p.owner))
    };
    let reach = async {
        let read = vsphere.api.properties().get::<Reach>(&found.object).await;
        read.doing(format!("read {}", found.object))
    };
    let (cluster, reach, owner) =
        futures_util::try_join!(cluster_config::there::<Cluster>(vsphere, &found.object.id), reach, owner)?;
    if let Some(pool) = it.pool.as_ref().filter(|_| owner.is_some_and(|owner| owner != found.object)) {
        let detail = format!("{pool} is not in {}.", cluster_config::title(&*cluster));
        out.merge(Diagnostics::error(pool_at, "Invalid resource pool", detail));
    }
    it.pool = it.pool.or(reach.pool);
    let (mut datastores, mut attached) = (reach.datastores, reach.networks);
    let mut place = cluster_config::title(&*cluster);
    it.hosts.clone_from(&cluster.hosts);
    if let Some(hosts) = topology.hosts.first() {
        it.hosts = group(cx, &cluster, hosts, out);
        let read = vsphere.api.properties().get_many::<HostReach>(&it.hosts).await;
        let read = read.doing("read the datastores and networks of the hosts")?;
        if !read.is_empty() {
            place = format!("the host group {:?}", hosts.host_group_name.as_str());
            datastores = read.iter().flat_map(|h| h.datastores.clone()).collect();
            attached = read.into_iter().flat_map(|h| h.networks).collect();
        }
    }
    if let Some(found) = it.datastore.as_ref().filter(|d| !datastores.contains(&d.object)) {
        out.merge(out_of_reach("datastore", found, &place, of(TopologyModel::DATASTORE)));
    }
    if it.networks.len() == names.len() {
        for (n, found) in it.networks.iter().enumerate().filter(|(_, n)| !attached.contains(&n.object)) {
            out.merge(out_of_reach("network", found, &place, of(TopologyModel::NETWORKS).index(n)));
        }
    }
    it.cluster = Some((found, cluster));
    Ok(it)
}

impl DataSource for FailureDomain {
    type Model = M;
    type Client = Vsphere;

    fn validate(&self, config: &M) -> Diagnostics {
        problems(config)
    }

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let vsphere = cx.client;
        let mut out = Diagnostics::default();
        let (Some(region), Some(zone)) = (config.region.first(), config.zone.first()) else {
            return Ok(config);
        };
        let (region_tag, zone_tag, topology) = futures_util::join!(
            tag(vsphere, region, M::REGION),
            tag(vsphere, zone, M::ZONE),
            topology(cx, &config, &mut out)
        );
        let mut tags = vec![];
        for (kind, field, block, tag) in
            [("region", M::REGION, region, region_tag), ("zone", M::ZONE, zone, zone_tag)]
        {
            match tag {
                Ok(tag) => tags.push((kind, field, block, tag.id.clone())),
                Err(problems) => out.merge(problems),
            }
        }
        let topology = match topology {
            Ok(topology) => topology,
            Err(problems) => return Err(out.with(problems)),
        };
        let ids: Vec<String> = tags.iter().map(|(.., id)| id.clone()).collect();
        let tagged = vsphere.api.tags().attached_objects_of(&ids).await;
        let tagged = tagged.doing("list the objects that have the tags")?;
        for (kind, field, block, id) in &tags {
            let objects = topology.objects(block.r#type.as_str());
            let lacking = untagged(&objects, tagged.get(id).map_or(&[][..], Vec::as_slice));
            if !lacking.is_empty() {
                let (name, category) = (block.name.as_str(), block.tag_category.as_str());
                out.merge(not_tagged(kind, name, category, &lacking, at(*field, TagModel::NAME)));
            }
        }
        let folder_path = match &topology.folder {
            Some(folder) => folders::path(vsphere, Some(folder)).await?,
            None => None,
        };
        let id = |object: &MoRef| object.id.to_string();
        out.into_result(M {
            id: format!("{}/{}", region.name.as_str(), zone.name.as_str()).into(),
            region_tag_id: ids.first().cloned().into(),
            zone_tag_id: ids.get(1).cloned().into(),
            datacenter_id: id(&topology.datacenter).into(),
            compute_cluster_id: topology.cluster.as_ref().map(|(found, _)| id(&found.object)).into(),
            resource_pool_id: topology.pool.as_ref().map(id).into(),
            host_system_ids: topology.hosts.iter().map(id).collect::<BTreeSet<_>>().into(),
            datastore_id: topology.datastore.as_ref().map(|d| id(&d.object)).into(),
            network_ids: topology.networks.iter().map(|n| id(&n.object)).collect::<Vec<_>>().into(),
            folder_id: topology.folder.as_ref().map(id).into(),
            folder_path: folder_path.into(),
            ..config
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::ClusterRuleInfo;

    fn config(region: &str, zone: &str, cluster: Value<String>, hosts: bool) -> M {
        let tag = |ty: &str| Value::Known(vec![TagModel { r#type: ty.into(), ..TagModel::default() }]);
        let hosts = if hosts { vec![HostsModel::default()] } else { vec![] };
        let topology =
            TopologyModel { compute_cluster: cluster, hosts: hosts.into(), ..TopologyModel::default() };
        M { region: tag(region), zone: tag(zone), topology: vec![topology].into(), ..M::default() }
    }

    #[test]
    fn types_require_their_objects() {
        let paths = |m: M| problems(&m).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
        let c1 = || Value::from("c1");
        assert_eq!(paths(config("Datacenter", "ComputeCluster", c1(), false)), [""; 0]);
        assert_eq!(paths(config("ComputeCluster", "HostGroup", c1(), true)), [""; 0]);
        assert_eq!(paths(config("Datacenter", "HostGroup", Value::Unknown, true)), [""; 0]);
        let mut unknown = config("Datacenter", "Datacenter", Value::Null, false);
        unknown.topology = vec![TopologyModel { hosts: Value::Unknown, ..TopologyModel::default() }].into();
        assert_eq!(paths(unknown), [""; 0]);
        assert_eq!(paths(config("HostGroup", "HostGroup", c1(), true)), ["region[0].type"]);
        assert_eq!(paths(config("Datacenter", "HostGroup", c1(), false)), ["zone[0].type"]);
        assert_eq!(
            paths(config("ComputeCluster", "ComputeCluster", Value::Null, true)),
            ["topology[0].hosts", "region[0].type", "zone[0].type"]
        );
    }

    #[test]
    fn rule_fits_both_groups() {
        let make = |name: &str, machines: &str, hosts: &str, enabled| {
            let base = ClusterRuleInfo { name: Some(name.into()), enabled, ..ClusterRuleInfo::default() };
            ClusterRuleInfoKind::from(ClusterVmHostRuleInfo {
                base,
                vm_group_name: Some(machines.into()),
                affine_host_group_name: Some(hosts.into()),
                anti_affine_host_group_name: None,
            })
        };
        let rules = [
            make("a", "vms", "rack2", Some(true)),
            make("b", "vms", "rack1", None),
            make("c", "vms", "rack1", Some(true)),
            make("d", "others", "rack2", Some(false)),
        ];
        let name =
            |machines: &str, hosts: &str| rule(&rules, machines, hosts).and_then(|r| r.base.name.clone());
        assert_eq!(name("vms", "rack1").as_deref(), Some("c"));
        assert_eq!(name("others", "rack2").as_deref(), Some("d"));
        assert_eq!(name("others", "rack1"), None);
    }

    #[test]
    fn every_host_of_the_group_has_the_tag_of_the_zone() {
        let host = |id: &str| MoRef::new("HostSystem", id);
        let topology = Topology {
            datacenter: MoRef::new("Datacenter", "datacenter-2"),
            cluster: None,
            hosts: vec![host("host-1"), host("host-2")],
            pool: None,
            datastore: None,
            networks: vec![],
            folder: None,
        };
        let hosts = topology.objects("HostGroup");
        assert_eq!(untagged(&hosts, &[host("host-1")]), [&host("host-2")]);
        assert_eq!(topology.objects("Datacenter"), [MoRef::new("Datacenter", "datacenter-2")]);
        let at = at(M::ZONE, TagModel::NAME);
        let message = not_tagged("zone", "a", "k8s-zone", &[&hosts[1]], at).to_string();
        assert!(message.contains("zone[0].name") && message.contains("HostSystem:host-2"), "{message}");
    }
}
