//! Making, cloning and moving a machine to its place, into a datastore cluster where Storage DRS says where.
use super::super::assembly::Assembly;
use super::super::model::VirtualMachineModel as M;
use super::lookups::{self, pool};
use super::moves::{Moves, Place, moves};
use crate::common::moid::{Datastore, DatastoreCluster, Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{Result, Value};
use vsphere_client::device::DiskBacking;
use vsphere_client::vim::types::{
    VirtualDeviceConfigSpec, VirtualMachineCloneSpec, VirtualMachineConfigSpec, VirtualMachineRelocateSpec,
    VirtualMachineRelocateSpecDiskLocator,
};
use vsphere_client::virtual_machine::{
    DiskPlacement, Recommendation, VirtualMachine as Machine, VirtualMachines, Wait,
};
use vsphere_client::{Error, MoRef};

/// A move.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Relocation {
    /// What vSphere takes.
    pub(in super::super) spec: VirtualMachineRelocateSpec,
    /// The datastore cluster to go into, unless the machine is in it already.
    pub(in super::super) cluster: Option<MoRef>,
}

fn id(v: &Value<String>) -> Option<String> {
    v.non_empty().cloned()
}

fn place(m: &M) -> Place {
    Place {
        pool: id(&m.resource_pool_id),
        host: id(&m.host_system_id),
        datastore: id(&m.datastore_id),
        cluster: id(&m.datastore_cluster_id),
    }
}

fn cluster(m: &M) -> Option<MoRef> {
    id(&m.datastore_cluster_id).map(|id| MoId::<DatastoreCluster>::object(&id))
}

/// What has to be moved; nothing where all stays. `moving` are the disks that go to another datastore of their own,
/// `staying` those that stay where they are when the machine goes, by their keys. Pure.
pub(in super::super) fn relocation(
    prior: &M,
    plan: &M,
    moving: &[(i32, String)],
    staying: &[(i32, String)],
) -> Option<Relocation> {
    let Moves { pool: to_pool, host, datastore, cluster, disks } =
        moves(&place(prior), &place(plan), moving, staying)?;
    let store = |id: String| MoId::<Datastore>::object(&id);
    let disk = disks.into_iter().map(|(disk_id, id)| VirtualMachineRelocateSpecDiskLocator {
        disk_id,
        datastore: store(id),
        ..Default::default()
    });
    let spec = VirtualMachineRelocateSpec {
        pool: to_pool.map(|id| pool(&id)),
        host: host.map(|id| MoId::<Host>::object(&id)),
        datastore: datastore.map(store),
        disk: disk.collect(),
        ..Default::default()
    };
    Some(Relocation { spec, cluster: cluster.map(|id| MoId::<DatastoreCluster>::object(&id)) })
}

vsphere_client::properties! {
    struct Parent of "ManagedEntity" {
        parent: Option<MoRef> = "parent",
    }
}

/// Moves a machine, and waits for it.
///
/// # Errors
/// Why it cannot be moved, with the attribute that is to blame.
pub(in super::super) async fn relocate(
    vsphere: &Vsphere,
    vm: (&MoRef, &Machine),
    plan: &M,
    relocation: Relocation,
    wait: Wait<'_>,
) -> Result<()> {
    let doing = format!("move the virtual machine {:?}", plan.name.as_str());
    let (object, machine) = vm;
    let Relocation { mut spec, mut cluster } = relocation;
    if let Some(target) = &spec.pool {
        let owner = lookups::compute(vsphere, &target.id).await?;
        if spec.host.is_none()
            && let Some(host) = &machine.host
            && parent(vsphere, host).await?.as_ref() == Some(&owner)
        {
            // In the same cluster the host need not change; without DRS none would be chosen.
            spec.host = Some(host.clone());
        }
        let there = lookups::datacenter(vsphere, &target.id).await?;
        let here = vsphere.api.find().datacenter_of(object).await;
        if here.doing(&doing)? != Some(there) {
            spec.folder = Some(lookups::folder(vsphere, &target.id, plan.folder.as_str()).await?);
        }
    }
    if cluster.is_some() && cluster == cluster_of(vsphere, machine).await? {
        cluster = None;
    }
    let nothing = VirtualMachineRelocateSpec { disk: spec.disk.clone(), ..Default::default() } == spec;
    let done = match cluster {
        None if nothing && spec.disk.is_empty() => Ok(()),
        None => vsphere.api.virtual_machines().relocate(object, spec, None, wait).await,
        Some(pod) => {
            let machines = vsphere.api.virtual_machines();
            match machines.recommend_relocate(object, &pod, &[], spec).await {
                Ok(found) => apply(vsphere, found, &pod, wait).await.map(drop),
                Err(e) => Err(e),
            }
        }
    };
    match done {
        Ok(()) => Ok(()),
        Err(e) => lookups::explain(vsphere, e, &doing, plan, &[]).await,
    }
}

async fn parent(vsphere: &Vsphere, object: &MoRef) -> Result<Option<MoRef>> {
    let read = vsphere.api.properties().get::<Parent>(object).await;
    Ok(read.doing(format!("read {object}"))?.parent)
}

/// The datastore cluster that all of a machine is in.
///
/// # Errors
/// A datastore cannot be read.
pub(in super::super) async fn cluster_of(vsphere: &Vsphere, machine: &Machine) -> Result<Option<MoRef>> {
    let reads = machine.datastores.iter().map(|d| parent(vsphere, d));
    let parents = futures_util::future::try_join_all(reads).await?;
    let Some(Some(first)) = parents.first() else { return Ok(None) };
    let all = &*first.ty == "StoragePod" && parents.iter().all(|p| p.as_ref() == Some(first));
    Ok(all.then(|| first.clone()))
}

/// Moves a machine into its folder, if that changes.
///
/// # Errors
/// There is no such folder, or vSphere does not take it.
pub(in super::super) async fn move_to_folder(
    vsphere: &Vsphere,
    object: &MoRef,
    prior: &M,
    plan: &M,
    wait: (std::time::Duration, &tokio_util::sync::CancellationToken),
) -> Result<()> {
    let parts = |m: &M| -> Vec<String> {
        m.folder.as_str().split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect()
    };
    if plan.folder.is_unknown() || parts(prior) == parts(plan) {
        return Ok(());
    }
    let path = plan.folder.as_str();
    let folder = lookups::folder(vsphere, plan.resource_pool_id.as_str(), path).await?;
    let moved = vsphere.api.folders().move_into(&folder, std::slice::from_ref(object), wait.0, wait.1).await;
    let doing = format!("move the virtual machine {:?} into the folder {path:?}", plan.name.as_str());
    moved.doing_to(doing, |_| Some(M::FOLDER))
}

/// Makes a machine in its folder.
///
/// # Errors
/// Those of the client, for the caller to lead back to devices, or to [`explain`](lookups::explain).
pub(in super::super) async fn create(
    vsphere: &Vsphere,
    plan: &M,
    folder: &MoRef,
    config: VirtualMachineConfigSpec,
    wait: Wait<'_>,
) -> vsphere_client::Result<MoRef> {
    let machines = vsphere.api.virtual_machines();
    let (pool, host) = (pool(plan.resource_pool_id.as_str()), host(plan));
    let Some(pod) = cluster(plan) else {
        return machines.create(folder, &pool, host.as_ref(), config, wait).await;
    };
    let disks = placements(&config.device_change, &pod);
    let found = machines.recommend_create(folder, &pool, host.as_ref(), &pod, &disks, config).await?;
    made(vsphere, apply(vsphere, found, &pod, wait).await?, folder, plan).await
}

/// Clones a machine into its folder.
///
/// # Errors
/// As [`create`].
pub(in super::super) async fn clone_to(
    vsphere: &Vsphere,
    plan: &M,
    source: &MoRef,
    folder: &MoRef,
    spec: VirtualMachineCloneSpec,
    wait: Wait<'_>,
) -> vsphere_client::Result<MoRef> {
    let machines = vsphere.api.virtual_machines();
    let name = plan.name.as_str();
    let Some(pod) = cluster(plan) else {
        return machines.clone_to(source, folder, name, spec, wait).await;
    };
    let found = machines.recommend_clone(source, folder, name, &pod, &[], spec).await?;
    made(vsphere, apply(vsphere, found, &pod, wait).await?, folder, plan).await
}

/// Changes a machine; disks that it adds, and that have no datastore of their own, go where Storage DRS says.
///
/// # Errors
/// As [`create`].
pub(in super::super) async fn reconfigure(
    vsphere: &Vsphere,
    plan: &M,
    object: &MoRef,
    config: VirtualMachineConfigSpec,
    wait: Wait<'_>,
) -> vsphere_client::Result<()> {
    let machines = vsphere.api.virtual_machines();
    let pod = cluster(plan);
    let disks = pod.as_ref().map(|pod| placements(&config.device_change, pod)).unwrap_or_default();
    match pod {
        Some(pod) if !disks.is_empty() => {
            let found = machines.recommend_reconfigure(object, &disks, config).await?;
            apply(vsphere, found, &pod, wait).await.map(drop)
        }
        _ => machines.reconfigure(object, config, wait).await,
    }
}

fn host(plan: &M) -> Option<MoRef> {
    id(&plan.host_system_id).map(|id| MoId::<Host>::object(&id))
}

/// The added disks that have no datastore of their own. Pure.
fn placements(changes: &[VirtualDeviceConfigSpec], pod: &MoRef) -> Vec<DiskPlacement> {
    let own = |disk: &DiskPlacement| {
        let backing = disk.backing.as_ref().and_then(DiskBacking::of);
        backing.is_some_and(|b| b.datastore.is_some() || !b.file.is_empty())
    };
    DiskPlacement::added(changes, pod).into_iter().filter(|d| !own(d)).collect()
}

/// The best recommendation; rather one for which nothing else has to be moved. Pure.
fn best(found: Vec<Recommendation>) -> Option<Recommendation> {
    let calm = found.iter().position(|r| r.moves.is_empty()).unwrap_or_default();
    found.into_iter().nth(calm)
}

async fn apply(
    vsphere: &Vsphere,
    found: Vec<Recommendation>,
    pod: &MoRef,
    wait: Wait<'_>,
) -> vsphere_client::Result<Option<MoRef>> {
    let Some(best) = best(found) else {
        return Err(Error::NotFound {
            kind: "Datastore".to_owned(),
            name: "a recommendation of Storage DRS".to_owned(),
            place: pod.to_string(),
        });
    };
    vsphere.api.virtual_machines().apply(&best, wait).await
}

/// What was made; a server that does not tell is asked.
async fn made(
    vsphere: &Vsphere,
    reported: Option<MoRef>,
    folder: &MoRef,
    plan: &M,
) -> vsphere_client::Result<MoRef> {
    if let Some(object) = reported {
        return Ok(object);
    }
    let name = plan.name.as_str();
    let found = vsphere.api.find().child(folder, name).await?;
    found.ok_or_else(|| Error::NotFound {
        kind: "VirtualMachine".to_owned(),
        name: name.to_owned(),
        place: folder.to_string(),
    })
}

/// Detaches disks from a machine that is off.
pub(in super::super) async fn detach(
    machines: &VirtualMachines<'_>,
    object: &MoRef,
    assembly: Assembly,
    wait: Wait<'_>,
) -> vsphere_client::Result<()> {
    let (device_change, _) = assembly.finish();
    let spec = VirtualMachineConfigSpec { device_change, ..Default::default() };
    machines.reconfigure(object, spec, wait).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::{
        VirtualDevice, VirtualDeviceConfigSpecFileOperation, VirtualDeviceConfigSpecOperation, VirtualDisk,
        VirtualDiskFlatVer2BackingInfo,
    };

    fn state() -> M {
        M {
            resource_pool_id: "resgroup-8".into(),
            host_system_id: "host-12".into(),
            datastore_id: "datastore-14".into(),
            ..M::default()
        }
    }

    #[test]
    fn a_move_names_the_disks_that_do_not_follow() {
        assert_eq!(relocation(&state(), &state(), &[], &[(2000, "datastore-1".into())]), None);
        // A value that is chosen during the apply is not a move.
        let open = M { host_system_id: Value::Unknown, datastore_id: Value::Unknown, ..state() };
        assert_eq!(relocation(&state(), &open, &[], &[]), None);
        let plan = M { datastore_id: "datastore-15".into(), ..state() };
        let staying = [(2000, "datastore-1".to_owned())];
        let Some(there) = relocation(&state(), &plan, &[], &staying) else { panic!("no move") };
        assert_eq!(there.spec.datastore, Some(MoRef::new("Datastore", "datastore-15")));
        let disks: Vec<_> = there.spec.disk.iter().map(|d| (d.disk_id, &*d.datastore.id)).collect();
        assert_eq!(disks, [(2000, "datastore-1")]);
        assert_eq!((there.spec.pool, there.spec.host, there.cluster), (None, None, None));
        let plan = M {
            resource_pool_id: "resgroup-v9".into(),
            datastore_cluster_id: "group-p5".into(),
            datastore_id: Value::Unknown,
            host_system_id: Value::Unknown,
            ..state()
        };
        let Some(there) = relocation(&state(), &plan, &[], &[]) else { panic!("no move") };
        assert_eq!(there.spec.pool, Some(MoRef::new("VirtualApp", "resgroup-v9")));
        assert_eq!(there.cluster, Some(MoRef::new("StoragePod", "group-p5")));
        assert_eq!((there.spec.datastore, there.spec.host), (None, None));
    }

    #[test]
    fn a_disk_with_a_datastore_of_its_own_is_not_placed() {
        let change = |key: i32, file: &str, new: bool| {
            let backing = VirtualDiskFlatVer2BackingInfo::default();
            let mut backing = backing;
            backing.base.file_name = file.to_owned();
            let disk = VirtualDisk {
                base: VirtualDevice { key, backing: Some(Box::new(backing.into())), ..Default::default() },
                ..Default::default()
            };
            VirtualDeviceConfigSpec {
                operation: Some(VirtualDeviceConfigSpecOperation::Add),
                file_operation: new.then_some(VirtualDeviceConfigSpecFileOperation::Create),
                device: disk.into(),
                ..Default::default()
            }
        };
        let pod = MoRef::new("StoragePod", "group-p5");
        let changes = [change(-1, "", true), change(-2, "[ssd]", true), change(-3, "[ssd] a/a.vmdk", false)];
        let keys: Vec<i32> = placements(&changes, &pod).iter().map(|d| d.key).collect();
        assert_eq!(keys, [-1]);
    }

    #[test]
    fn what_moves_nothing_else_is_better() {
        let recommendation = |key: &str, moves: usize| Recommendation {
            key: key.to_owned(),
            rating: 3,
            reason: String::new(),
            datastore: None,
            disks: std::collections::BTreeMap::default(),
            moves: vec![(MoRef::new("VirtualMachine", "vm-1"), MoRef::new("Datastore", "d")); moves],
        };
        let key = |found: Vec<Recommendation>| best(found).map(|r| r.key);
        assert_eq!(key(vec![]), None);
        assert_eq!(key(vec![recommendation("a", 1)]).as_deref(), Some("a"));
        assert_eq!(key(vec![recommendation("a", 1), recommendation("b", 0)]).as_deref(), Some("b"));
    }
}
