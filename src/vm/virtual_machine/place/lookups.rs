//! What is read of a place, and what is wrong with one that vSphere refused.
use super::super::model::VirtualMachineModel as M;
use crate::common::folders;
use crate::common::lookup::listed;
use crate::common::moid::{self, Datastore, DatastoreCluster, MoId, ResourcePool};
use crate::common::once::Once;
use crate::fault::{Doing, sentence};
use crate::vsphere::Vsphere;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use tf_framework::{AttributePath, Diagnostics, Field, Result};
use vsphere_client::datacenter::Area;
use vsphere_client::{Error, FaultKind, MoRef, stored_path, unescape};

/// What holds a resource pool, by the ids of the pool and of a host.
#[derive(Default)]
struct Grounds(Once<(String, String), Arc<Ground>>);

/// Clusters and standalone hosts, by the id of a resource pool.
#[derive(Default)]
struct Computes(Once<String, MoRef>);

/// Folders of virtual machines, by the id of a resource pool in their datacenter and their path.
#[derive(Default)]
struct Folders(Once<(String, String), MoRef>);

/// A pool or vApp, as its id shows.
pub(in super::super) fn pool(id: &str) -> MoRef {
    MoId::<ResourcePool>::object(id)
}

/// The datacenter of a resource pool.
///
/// # Errors
/// There is no such pool, or it cannot be read.
pub(in super::super) async fn datacenter(vsphere: &Vsphere, pool_id: &str) -> Result<MoRef> {
    let found = vsphere.api.find().datacenter_of(&pool(pool_id)).await;
    if let Err(e) = &found
        && e.is_not_found()
    {
        return Err(no_pool(pool_id));
    }
    let found = found.doing(format!("find the datacenter of {}", pool(pool_id)))?;
    found.ok_or_else(|| no_pool(pool_id))
}

fn no_pool(id: &str) -> Diagnostics {
    MoId::<ResourcePool>::not_found(id, M::RESOURCE_POOL_ID)
}

/// The folder at a path below the folder of virtual machines in the datacenter of a pool. It is looked up once in a run.
///
/// # Errors
/// There is no such folder, with the nearest name.
pub(in super::super) async fn folder(vsphere: &Vsphere, pool_id: &str, path: &str) -> Result<MoRef> {
    let path = stored_path(path);
    let key = (pool_id.to_owned(), path.clone());
    let look = async {
        let datacenter = datacenter(vsphere, pool_id).await?;
        folders::find(vsphere, &datacenter, Area::Vm, &path, M::FOLDER).await
    };
    vsphere.run::<Folders>().0.get(key, look).await
}

/// The cluster, or what holds a standalone host, that a resource pool belongs to. It is looked up once in a run.
///
/// # Errors
/// There is no such pool, or it cannot be read.
pub(in super::super) async fn compute(vsphere: &Vsphere, pool_id: &str) -> Result<MoRef> {
    let look = async {
        match vsphere.api.resource_pools().get(&pool(pool_id)).await {
            Err(e) if e.is_not_found() => Err(no_pool(pool_id)),
            other => {
                let read = other.doing(format!("read {}", pool(pool_id)))?;
                Ok(read.owner)
            }
        }
    };
    vsphere.run::<Computes>().0.get(pool_id.to_owned(), look).await
}

vsphere_client::properties! {
    struct Compute of "ComputeResource" {
        name: String = "name",
        datastores: Vec<MoRef> = "datastore",
        networks: Vec<MoRef> = "network",
        browser: Option<MoRef> = "environmentBrowser",
    }
}

vsphere_client::properties! {
    struct Host of "HostSystem" {
        name: String = "name",
        parent: Option<MoRef> = "parent",
        datastores: Vec<MoRef> = "datastore",
        networks: Vec<MoRef> = "network",
    }
}

vsphere_client::properties! {
    struct Pod of "StoragePod" {
        name: String = "name",
        datastores: Vec<MoRef> = "childEntity",
    }
}

vsphere_client::properties! {
    struct Name of "ManagedEntity" {
        name: String = "name",
    }
}

/// What a virtual machine would run on: the cluster, or the compute resource of a standalone host, and the host if one is named. It
/// is read once in a run.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ground {
    owner: MoRef,
    compute: Compute,
    host: Option<(MoRef, Host)>,
}

impl Ground {
    /// The environment browser, which lists the supported hardware.
    pub(in super::super) fn browser(&self) -> Option<&MoRef> {
        self.compute.browser.as_ref()
    }

    /// The host that is named.
    pub(in super::super) fn host(&self) -> Option<&MoRef> {
        Some(&self.host.as_ref()?.0)
    }
}

/// What a plan asks about a place: what is new in it.
#[derive(Debug, Default)]
pub(in super::super) struct Asked {
    /// Whether the pool or the host is.
    pub(in super::super) place: bool,
    /// The datastore cluster.
    pub(in super::super) pod: Option<String>,
    /// Datastores, with the attributes that name them.
    pub(in super::super) datastores: Vec<(AttributePath, String)>,
    /// Networks, with the attributes that name them.
    pub(in super::super) networks: Vec<(AttributePath, String)>,
}

/// What is below the pool and the host of a plan.
///
/// # Errors
/// A pool or host that does not exist; and those of any call.
pub(in super::super) async fn ground(
    vsphere: &Vsphere,
    pool: &str,
    host: Option<&MoRef>,
) -> Result<Arc<Ground>> {
    let key = (pool.to_owned(), host.map(|h| h.id.to_string()).unwrap_or_default());
    let look = async {
        let properties = vsphere.api.properties();
        let below = async {
            let owner = compute(vsphere, pool).await?;
            let read = properties.get::<Compute>(&owner).await;
            let doing = format!("read {owner}, which has the resource pool {}", self::pool(pool));
            Ok::<_, Diagnostics>((read.doing(doing)?, owner))
        };
        let host = async {
            let Some(host) = host else { return Ok(None) };
            match properties.get::<Host>(host).await {
                Err(e) if e.is_not_found() => Err(MoId::<moid::Host>::not_found(&host.id, M::HOST_SYSTEM_ID)),
                read => {
                    let read = read.doing(format!("read {host}"))?;
                    Ok(Some((host.clone(), read)))
                }
            }
        };
        let (below, host) = futures_util::join!(below, host);
        let (compute, owner) = below?;
        Ok(Arc::new(Ground { owner, compute, host: host? }))
    };
    vsphere.run::<Grounds>().0.get(key, look).await
}

/// What is wrong with what is new in a planned place: what does not exist, and what does not belong together.
pub(in super::super) async fn check(vsphere: &Vsphere, ground: &Ground, asked: &Asked) -> Diagnostics {
    let mut out = Diagnostics::default();
    let properties = vsphere.api.properties();
    let pod = async {
        let pod = MoId::<DatastoreCluster>::object(asked.pod.as_deref()?);
        Some((properties.get::<Pod>(&pod).await, pod))
    };
    let ids: BTreeSet<String> = asked.datastores.iter().map(|(_, id)| id.clone()).collect();
    let (pod, read) = futures_util::join!(pod, super::datastore_names(vsphere, ids));
    let pod = match pod {
        Some((Err(e), pod)) if e.is_not_found() => {
            out.merge(MoId::<DatastoreCluster>::not_found(&pod.id, M::DATASTORE_CLUSTER_ID));
            None
        }
        Some((Ok(read), pod)) => Some((pod, read)),
        _ => None,
    };
    let there = |id: &str| read.iter().any(|(known, read)| known == id && read.is_ok());
    let missing = |id: &str| {
        read.iter().any(|(known, read)| known == id && read.as_ref().is_err_and(Error::is_not_found))
    };
    for (at, id) in asked.datastores.iter().filter(|(_, id)| missing(id)) {
        out.merge(MoId::<Datastore>::not_found(id, at.clone()));
    }
    let objects = |all: &[(AttributePath, String)], ty: &str| -> Vec<(AttributePath, MoRef)> {
        all.iter().map(|(at, id)| (at.clone(), MoRef::new(ty, id.as_str()))).collect()
    };
    let facts = Facts {
        owner: ground.owner.clone(),
        compute: ground.compute.clone(),
        host: ground.host.clone(),
        datastores: objects(&asked.datastores, "Datastore")
            .into_iter()
            .filter(|(_, d)| there(&d.id))
            .collect(),
        pod,
        networks: objects(&asked.networks, "Network"),
    };
    let mut found = mismatches(&facts);
    found.0.retain(|d| asked.place || d.at != M::HOST_SYSTEM_ID.into());
    out.merge(found);
    out
}

/// What there is at a place that was refused.
#[derive(Debug, Default)]
struct Facts {
    owner: MoRef,
    compute: Compute,
    host: Option<(MoRef, Host)>,
    /// Which attribute names which datastore.
    datastores: Vec<(AttributePath, MoRef)>,
    pod: Option<(MoRef, Pod)>,
    /// Which attribute names which network.
    networks: Vec<(AttributePath, MoRef)>,
}

/// Explains why vSphere refused a place: host, datastore and pool that do not belong together are named, each at its
/// attribute. `disks` are the datastores that single disks have.
///
/// # Errors
/// Always.
pub(in super::super) async fn explain<T: Send>(
    vsphere: &Vsphere,
    error: Error,
    doing: &str,
    m: &M,
    disks: &[(AttributePath, String)],
) -> Result<T> {
    if let Error::NotFound { kind, .. } = &error
        && kind == "Datastore"
        && !m.datastore_cluster_id.as_str().is_empty()
    {
        let detail = format!(
            "Storage DRS recommends none in {}. Most often it is not enabled on the datastore cluster, or no datastore of it \
             has room or is reached by the hosts of the resource pool. Enable it, or name a datastore with `datastore_id`.",
            m.datastore_cluster_id.as_str()
        );
        return Err(Diagnostics::error(M::DATASTORE_CLUSTER_ID, format!("Unable to {doing}"), detail));
    }
    let worth_a_look = error.fault().is_some()
        && !matches!(
            error.fault_kind(),
            Some(FaultKind::NoPermission { .. } | FaultKind::DuplicateName { .. })
        );
    if worth_a_look && let Some(facts) = facts(vsphere, m, disks).await {
        let mut found = mismatches(&facts);
        if !found.is_empty() {
            for d in &mut found.0 {
                d.detail = format!("{}\nvSphere says: {}", d.detail, sentence(&error));
            }
            let known = names(vsphere, &facts.compute.datastores).await;
            for d in found.0.iter_mut().filter(|_| !known.is_empty()) {
                d.detail = format!(
                    "{}\nDatastores that {:?} reaches:\n{}",
                    d.detail,
                    unescape(&facts.compute.name),
                    listed(known.iter().cloned())
                );
            }
            return Err(found);
        }
    }
    Err(error).doing_to(doing, blame)
}

/// The attribute that a fault is about.
fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } | FaultKind::AlreadyExists { .. } => {
            Some(M::NAME)
        }
        FaultKind::ManagedObjectNotFound { object: Some(object) } => match &*object.ty {
            "ResourcePool" | "VirtualApp" => Some(M::RESOURCE_POOL_ID),
            "HostSystem" => Some(M::HOST_SYSTEM_ID),
            "Datastore" => Some(M::DATASTORE_ID),
            "StoragePod" => Some(M::DATASTORE_CLUSTER_ID),
            "Folder" => Some(M::FOLDER),
            _ => None,
        },
        FaultKind::InvalidArgument { property: Some(property) } => {
            match property.rsplit('.').next().unwrap_or_default() {
                "pool" | "resourcePool" => Some(M::RESOURCE_POOL_ID),
                "host" => Some(M::HOST_SYSTEM_ID),
                "datastore" => Some(M::DATASTORE_ID),
                "storagePod" => Some(M::DATASTORE_CLUSTER_ID),
                _ => None,
            }
        }
        _ => None,
    }
}

async fn names(vsphere: &Vsphere, objects: &[MoRef]) -> Vec<String> {
    let properties = vsphere.api.properties();
    let reads = join_all(objects.iter().map(|o| properties.get::<Name>(o))).await;
    let mut names: Vec<String> = objects
        .iter()
        .zip(reads)
        .filter_map(|(o, read)| Some(format!("{} ({})", unescape(&read.ok()?.name), o.id)))
        .collect();
    names.sort();
    names
}

/// The facts about the objects. `None` if they cannot be read: then the first error is reported.
async fn facts(vsphere: &Vsphere, m: &M, disks: &[(AttributePath, String)]) -> Option<Facts> {
    let properties = vsphere.api.properties();
    let owner = compute(vsphere, m.resource_pool_id.as_str()).await.ok()?;
    let id = |v: &tf_framework::Value<String>, ty: &str| v.non_empty().map(|id| MoRef::new(ty, id.clone()));
    let (host, pod) = (id(&m.host_system_id, "HostSystem"), id(&m.datastore_cluster_id, "StoragePod"));
    let compute = properties.get::<Compute>(&owner).await.ok()?;
    let host = match host {
        Some(host) => {
            let read = properties.get::<Host>(&host).await.ok()?;
            Some((host, read))
        }
        None => None,
    };
    let pod = match pod {
        Some(pod) => {
            let read = properties.get::<Pod>(&pod).await.ok()?;
            Some((pod, read))
        }
        None => None,
    };
    let own = id(&m.datastore_id, "Datastore").map(|d| (AttributePath::from(M::DATASTORE_ID), d));
    let of_disks = disks.iter().map(|(at, id)| (at.clone(), MoId::<Datastore>::object(id)));
    Some(Facts {
        owner,
        compute,
        host,
        datastores: own.into_iter().chain(of_disks).collect(),
        pod,
        networks: vec![],
    })
}

/// What does not belong together. Pure.
fn mismatches(facts: &Facts) -> Diagnostics {
    let mut out = Diagnostics::default();
    let cluster = unescape(&facts.compute.name);
    if let Some((object, host)) = &facts.host
        && host.parent.as_ref() != Some(&facts.owner)
    {
        let detail = format!(
            "The resource pool is one of {cluster:?} ({}), and the host {:?} ({}) is not in it. Name a host of {cluster:?}, \
             leave `host_system_id` out, or name a resource pool of the host's cluster.",
            facts.owner.id,
            unescape(&host.name),
            object.id
        );
        out.merge(Diagnostics::error(M::HOST_SYSTEM_ID, "The host does not offer the resource pool", detail));
    }
    let (who, reached) = match &facts.host {
        Some((_, host)) => (format!("The host {:?}", unescape(&host.name)), &host.datastores),
        None => (format!("No host of {cluster:?}"), &facts.compute.datastores),
    };
    let verb = if facts.host.is_some() { "does not reach" } else { "reaches" };
    for (at, datastore) in facts.datastores.iter().filter(|(_, d)| !reached.contains(d)) {
        let detail = format!(
            "{who} {verb} {datastore}. A virtual machine needs its datastores where it runs, and in its datacenter.",
        );
        out.merge(Diagnostics::error(at.clone(), "The datastore is not reached", detail));
    }
    if let Some((object, pod)) = &facts.pod
        && !pod.datastores.iter().any(|d| reached.contains(d))
    {
        let detail = format!(
            "{who} {verb} {} datastore of the datastore cluster {:?} ({}).",
            if facts.host.is_some() { "any" } else { "a" },
            unescape(&pod.name),
            object.id
        );
        let summary = "The datastore cluster is not reached";
        out.merge(Diagnostics::error(M::DATASTORE_CLUSTER_ID, summary, detail));
    }
    let networks = facts.host.as_ref().map_or(&facts.compute.networks, |(_, host)| &host.networks);
    // A list that is empty is one that the user may not see.
    let has = |id: &str| networks.is_empty() || networks.iter().any(|n| &*n.id == id);
    for (at, network) in facts.networks.iter().filter(|(_, n)| !has(&n.id)) {
        let detail = format!(
            "{who} {} {network}. A virtual machine needs its networks where it runs, and in its datacenter.",
            if facts.host.is_some() { "does not have" } else { "has" },
        );
        out.merge(Diagnostics::error(at.clone(), "The network is not available", detail));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stores(ids: &[&str]) -> Vec<MoRef> {
        ids.iter().map(|id| MoRef::new("Datastore", *id)).collect()
    }

    #[test]
    fn what_does_not_belong_together_is_named_at_its_attribute() {
        let owner = MoRef::new("ClusterComputeResource", "domain-c7");
        let networks = |ids: &[&str]| ids.iter().map(|id| MoRef::new("Network", *id)).collect::<Vec<_>>();
        let compute = Compute {
            name: "prod".into(),
            datastores: stores(&["datastore-1", "datastore-2"]),
            networks: networks(&["network-1", "network-2"]),
            browser: None,
        };
        let host = |parent: &str, reaches: &[&str]| {
            let parent = Some(MoRef::new("ClusterComputeResource", parent));
            let networks = networks(&["network-1"]);
            let host = Host { name: "esx1".into(), parent, datastores: stores(reaches), networks };
            Some((MoRef::new("HostSystem", "host-1"), host))
        };
        let pod = |ids: &[&str]| {
            Some((MoRef::new("StoragePod", "group-p5"), Pod { name: "pod".into(), datastores: stores(ids) }))
        };
        let own = |id: &str| vec![(AttributePath::from(M::DATASTORE_ID), MoRef::new("Datastore", id))];
        for (host, datastores, pod, expected) in [
            (None, own("datastore-1"), None, &[][..]),
            (None, own("datastore-9"), None, &["datastore_id"][..]),
            (host("domain-c7", &["datastore-1"]), own("datastore-1"), None, &[][..]),
            (host("domain-c7", &["datastore-1"]), own("datastore-2"), None, &["datastore_id"][..]),
            (host("domain-c8", &["datastore-1"]), own("datastore-1"), None, &["host_system_id"][..]),
            (None, vec![], pod(&["datastore-9"]), &["datastore_cluster_id"][..]),
            (None, vec![], pod(&["datastore-9", "datastore-2"]), &[][..]),
        ] {
            let facts = Facts {
                owner: owner.clone(),
                compute: compute.clone(),
                host,
                datastores,
                pod,
                networks: vec![],
            };
            let at: Vec<String> = mismatches(&facts).0.iter().map(|d| d.at.to_string()).collect();
            assert_eq!(at, expected, "{facts:?}");
        }
        for (host, network, right) in [
            (None, "network-2", true),
            (None, "network-9", false),
            (host("domain-c7", &[]), "network-1", true),
            (host("domain-c7", &[]), "network-2", false),
        ] {
            let at = M::NETWORK_INTERFACE.index(0);
            let networks = vec![(at.clone(), MoRef::new("Network", network))];
            let facts =
                Facts { owner: owner.clone(), compute: compute.clone(), host, networks, ..Facts::default() };
            let found = mismatches(&facts).0;
            assert!(found.is_empty() == right && found.iter().all(|d| d.at == at), "{facts:?}: {found:?}");
        }
    }

    #[test]
    fn faults_are_led_to_attributes() {
        let not_found = |ty: &str| FaultKind::ManagedObjectNotFound { object: Some(MoRef::new(ty, "x-1")) };
        let argument = |p: &str| FaultKind::InvalidArgument { property: Some(p.to_owned()) };
        for (fault, field) in [
            (not_found("Datastore"), Some(M::DATASTORE_ID)),
            (not_found("VirtualApp"), Some(M::RESOURCE_POOL_ID)),
            (not_found("VirtualMachine"), None),
            (argument("spec.location.host"), Some(M::HOST_SYSTEM_ID)),
            (argument("spec.config"), None),
            (FaultKind::DuplicateName { name: "web".into(), object: None }, Some(M::NAME)),
            (FaultKind::Other, None),
        ] {
            assert_eq!(blame(&fault), field, "{fault:?}");
        }
    }
}
