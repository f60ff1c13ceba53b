//! The host of a new machine, where nothing chooses one: a cluster without DRS refuses a pool without a host.
use super::super::model::VirtualMachineModel as M;
use super::lookups;
use crate::common::once::Once;
use crate::vsphere::Vsphere;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use tf_framework::{Diagnostics, Result};
use vsphere_client::vim::types::ComputeResourceConfigInfoKind;
use vsphere_client::{MoRef, unescape};

/// Clusters without DRS, by their ids; `None` for those that have it.
#[derive(Default)]
struct UnmanagedClusters(Once<String, Option<Arc<Unmanaged>>>);

/// How many hosts were chosen in clusters without DRS.
#[derive(Default)]
struct Chosen(AtomicUsize);

vsphere_client::properties! {
    struct Cluster of "ClusterComputeResource" {
        name: String = "name",
        hosts: Vec<MoRef> = "host",
        configuration: ComputeResourceConfigInfoKind = "configurationEx",
    }
}

vsphere_client::properties! {
    struct State of "HostSystem" {
        connection: String = "runtime.connectionState",
        maintenance: bool = "runtime.inMaintenanceMode",
        datastores: Vec<MoRef> = "datastore",
        machines: Vec<MoRef> = "vm",
    }
}

/// A host as far as its choice depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Host {
    id: String,
    /// Whether it is connected and not in maintenance.
    works: bool,
    datastores: Vec<String>,
    machines: usize,
}

/// A cluster in which nothing chooses hosts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Unmanaged {
    name: String,
    hosts: Vec<Host>,
}

/// The host for the machine that is the `turn`th of this run: one that works and reaches all the datastores; those with
/// fewer machines come first. Pure.
fn choose<'a>(hosts: &'a [Host], datastores: &[String], turn: usize) -> Option<&'a str> {
    let reaches = |h: &&Host| h.works && datastores.iter().all(|d| h.datastores.contains(d));
    let mut fit: Vec<&Host> = hosts.iter().filter(reaches).collect();
    fit.sort_by(|a, b| (a.machines, &a.id).cmp(&(b.machines, &b.id)));
    fit.get(turn % fit.len().max(1)).map(|h| h.id.as_str())
}

/// The plan with a host, where the configuration names none and the cluster has no DRS to choose one. `datastores` are those
/// that the machine is going to be on.
///
/// # Errors
/// There is no such pool, or no host that would do.
pub(in super::super) async fn placed(vsphere: &Vsphere, plan: &M, datastores: &[String]) -> Result<M> {
    if plan.host().is_some() {
        return Ok(plan.clone());
    }
    let Some(cluster) = unmanaged(vsphere, plan.resource_pool_id.as_str()).await? else {
        return Ok(plan.clone());
    };
    let turn = vsphere.run::<Chosen>().0.fetch_add(1, Ordering::Relaxed);
    if let Some(id) = choose(&cluster.hosts, datastores, turn) {
        return Ok(M { host_system_id: id.into(), ..plan.clone() });
    }
    let detail = format!(
        "The cluster {:?} has no DRS to choose a host, and none of its {} hosts is connected and reaches {}. Set \
         `host_system_id`, or another datastore.",
        cluster.name,
        cluster.hosts.len(),
        datastores.join(", ")
    );
    Err(Diagnostics::error(M::HOST_SYSTEM_ID, "There is no host for the virtual machine", detail))
}

/// The cluster of a pool, if it has no DRS. It is looked up once in a run; if that is not known, vSphere reports it.
async fn unmanaged(vsphere: &Vsphere, pool_id: &str) -> Result<Option<Arc<Unmanaged>>> {
    let compute = lookups::compute(vsphere, pool_id).await?;
    if &*compute.ty != "ClusterComputeResource" {
        return Ok(None);
    }
    let look = async {
        let properties = vsphere.api.properties();
        let Ok(cluster) = properties.get::<Cluster>(&compute).await else { return Ok(None) };
        let ComputeResourceConfigInfoKind::ClusterConfigInfoEx(config) = &cluster.configuration else {
            return Ok(None);
        };
        if config.drs_config.enabled != Some(false) {
            return Ok(None);
        }
        let reads = cluster.hosts.iter().map(|h| async move {
            let read = vsphere.api.properties().get::<State>(h).await.ok()?;
            Some(Host {
                id: h.id.to_string(),
                works: read.connection == "connected" && !read.maintenance,
                datastores: read.datastores.iter().map(|d| d.id.to_string()).collect(),
                machines: read.machines.len(),
            })
        });
        let hosts = futures_util::future::join_all(reads).await.into_iter().flatten().collect();
        Ok::<_, Diagnostics>(Some(Arc::new(Unmanaged { name: unescape(&cluster.name).into_owned(), hosts })))
    };
    vsphere.run::<UnmanagedClusters>().0.get(compute.id.to_string(), look).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_chosen_that_works_and_reaches_the_datastores() {
        let host = |id: &str, works: bool, stores: &[&str], machines: usize| Host {
            id: id.to_owned(),
            works,
            datastores: stores.iter().map(|s| (*s).to_owned()).collect(),
            machines,
        };
        let all = [
            host("host-1", true, &["a", "b"], 5),
            host("host-2", false, &["a", "b"], 0),
            host("host-3", true, &["a"], 0),
            host("host-4", true, &["a", "b"], 1),
        ];
        let of = |stores: &[&str], turn| {
            let stores: Vec<String> = stores.iter().map(|s| (*s).to_owned()).collect();
            choose(&all, &stores, turn).map(str::to_owned)
        };
        assert_eq!(of(&["b"], 0).as_deref(), Some("host-4"));
        assert_eq!(of(&["b"], 1).as_deref(), Some("host-1"));
        assert_eq!(of(&["b"], 2).as_deref(), Some("host-4"));
        assert_eq!(of(&[], 0).as_deref(), Some("host-3"));
        assert_eq!(of(&["c"], 0), None);
    }
}
