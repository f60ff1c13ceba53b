//! `vsphere_vmfs_datastore`
mod disks;

use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::lookup::{self, listed};
use crate::common::moid::{Datastore, Host, MoId};
use crate::common::{folders, names};
use crate::fault::{Doing, capital, named, or_absent};
use crate::storage::mounted::{self, Location, Summary};
use crate::vsphere::Vsphere;
use disks::{Changes, Partition};
use std::collections::BTreeMap;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Model, Plan, PlanCx, Resource, Result, Timeouts, Value, same,
};
use vsphere_client::datastore::Mounted;
use vsphere_client::vim::types::{HostDiskPartitionInfo, HostScsiDisk};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{FaultKind, MoRef, readable, same_name};

/// Manages a VMFS datastore on local disks or LUNs.
///
/// The datastore uses entire disks, and can be extended with additional disks later. vCenter mounts the datastore on
/// all hosts that have access to the disks. Destroying the resource deletes the datastore and all files on it.
/// Destroying a datastore that contains virtual machines fails.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_vmfs_datastore", category = "Storage")]
pub struct VmfsDatastoreModel {
    /// The managed object ID of the datastore, such as `datastore-12`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the datastore. Changing this renames the datastore.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object ID of the host that formats the disks, such as `host-10`.
    #[tf(required, force_new, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// The canonical names of the disks, such as `naa.600508b1001c3ea7`, as listed by the `vsphere_vmfs_disks` data
    /// source. The datastore is created on the first disk and extended with the others. Adding a disk extends the
    /// datastore. A disk cannot be removed, and changing the order has no effect on an existing datastore.
    #[tf(required, count(1, usize::MAX), each(check = disk), same = same::unordered)]
    pub disks: Value<Vec<String>>,
    /// Whether to format disks that have partitions, which deletes all data on them. If `false` or omitted, a disk with
    /// partitions is an error. A file system on a disk without a partition table is not detected. Applies only to disks
    /// that are added while this is set.
    #[tf(optional, unstored)]
    pub force: Value<bool>,
    /// Whether to expand the datastore when its disks have grown. The plan shows this as a change of `capacity`. The
    /// host detects the new size of a LUN after a rescan: set `rescan` in the `vsphere_vmfs_disks` data source. If
    /// `true`, each plan sends 2 additional requests.
    #[tf(optional, unstored)]
    pub expand: Value<bool>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub location: Location,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub summary: Summary,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = VmfsDatastoreModel;

/// The resource.
#[derive(Debug, Default)]
pub struct VmfsDatastore;

fn disk(v: &Dynamic) -> std::result::Result<(), String> {
    match v.as_str() {
        Some("") => {
            Err("It is empty. Expected the canonical name of a disk, such as \"naa.600508b1001c3ea7\"."
                .into())
        }
        _ => Ok(()),
    }
}

impl M {
    fn object(&self) -> MoRef {
        MoId::<Datastore>::object(self.id.as_str())
    }

    fn host(&self) -> MoRef {
        MoId::<Host>::object(self.host_system_id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the datastore {:?}", self.name.as_str())
    }

    /// With what the server returns.
    fn observed(self, read: &Mounted) -> Self {
        let extents = read.vmfs().map(|v| v.extent.iter().map(|e| e.disk_name.clone()).collect());
        Self {
            name: readable(&read.name).into_owned().into(),
            disks: disks::observed(&self.disks.get(), extents.unwrap_or_default()).into(),
            summary: Summary::from(&read.summary),
            ..self
        }
    }
}

fn partitions(info: &HostDiskPartitionInfo) -> Vec<Partition> {
    let bytes = |p: i64| p * i64::from(info.spec.sector_size.unwrap_or(512));
    let all = info.spec.partition.iter().map(|p| Partition {
        number: p.partition,
        kind: p.r#type.clone(),
        size: bytes(p.end_sector - p.start_sector + 1),
    });
    all.collect()
}

fn named_disk<'a>(all: &'a [HostScsiDisk], name: &str) -> Option<&'a HostScsiDisk> {
    all.iter().find(|d| d.canonical_name.as_deref() == Some(name))
}

/// What is on those disks that are not empty, by name.
async fn used(
    vsphere: &Vsphere,
    host: &MoRef,
    all: &[&HostScsiDisk],
) -> vsphere_client::Result<BTreeMap<String, String>> {
    if all.is_empty() {
        return Ok(BTreeMap::new());
    }
    let paths = all.iter().map(|d| d.device_path.clone()).collect();
    let tables = vsphere.api.host_storage().partitions(host, paths).await?;
    let tables: Vec<_> = tables.iter().map(|t| (t.device_name.as_str(), partitions(t))).collect();
    // It only improves the message.
    let volumes = match tables.iter().any(|(_, p)| !p.is_empty()) {
        true => vsphere.api.datastores().unmounted_volumes(host).await.unwrap_or_default(),
        false => vec![],
    };
    let mut out = BTreeMap::new();
    for disk in all {
        let name = disk.canonical_name.clone().unwrap_or_default();
        let table = tables.iter().find(|(d, _)| *d == disk.device_path || *d == disk.base.base.device_name);
        let on_disk = |v: &&vsphere_client::vim::types::HostUnresolvedVmfsVolume| {
            v.extent.iter().any(|e| e.device.disk_name == name)
        };
        let labels: Vec<String> = volumes.iter().filter(on_disk).map(|v| v.vmfs_label.clone()).collect();
        if let Some(what) = disks::contents(table.map_or(&[], |(_, p)| p.as_slice()), &labels) {
            out.insert(name, what);
        }
    }
    Ok(out)
}

/// The error for a disk that is not empty.
fn not_empty(at: usize, disk: &str, what: &str) -> Diagnostics {
    let detail = format!(
        "The disk has {what}. The datastore takes the whole disk, and everything on it would be lost. Choose another \
         disk, or set `force` to true."
    );
    Diagnostics::error(M::DISKS.index(at), format!("Disk {disk:?} is not empty"), detail)
}

/// Finds the disks with these names, before any of them is formatted.
async fn find(vsphere: &Vsphere, plan: &M, wanted: &[String]) -> Result<Vec<HostScsiDisk>> {
    if wanted.is_empty() {
        return Ok(vec![]);
    }
    let host = plan.host();
    let all = vsphere.api.datastores().available_disks(&host).await;
    let all = all.doing_to(format!("list the disks of {host} that can have a datastore"), blame)?;
    let at = |name: &String| plan.disks.get().iter().position(|d| d == name).unwrap_or_default();
    let (mut found, mut problems) = (vec![], Diagnostics::default());
    for name in wanted {
        match named_disk(&all, name) {
            Some(disk) => found.push(disk.clone()),
            None => problems.merge(unavailable(vsphere, &host, &all, at(name), name).await),
        }
    }
    if !plan.force.get() {
        let read = used(vsphere, &host, &found.iter().collect::<Vec<_>>()).await;
        for (name, what) in &read.doing(format!("read the partition tables of disks of {host}"))? {
            problems.merge(not_empty(at(name), name, what));
        }
    }
    problems.into_result(found)
}

/// The error for a disk that cannot have a datastore.
async fn unavailable(
    vsphere: &Vsphere,
    host: &MoRef,
    available: &[HostScsiDisk],
    at: usize,
    name: &str,
) -> Diagnostics {
    let all = vsphere.api.host_storage().disks(host).await.unwrap_or_default();
    let why = if named_disk(&all, name).is_some() {
        "The host has the disk, but something uses it: a datastore, the system of the host, vSAN, or a virtual machine as a raw \
         device mapping."
    } else {
        "The host does not have such a disk. A new LUN is found by a scan: set `rescan` of the data source `vsphere_vmfs_disks`."
    };
    let lines: Vec<String> = (available.iter())
        .map(|d| {
            let bytes = d.capacity.block * i64::from(d.capacity.block_size);
            format!("{} ({})", d.canonical_name.as_deref().unwrap_or_default(), disks::size(bytes))
        })
        .collect();
    let rest = match lines.len() {
        0 => "No disk of the host can have a datastore.".to_owned(),
        _ => format!("These can have a datastore:\n{}", listed(lines.into_iter())),
    };
    let summary = format!("Disk {name:?} of {} is not available", named(vsphere, host).await);
    Diagnostics::error(M::DISKS.index(at), summary, format!("{why} {rest}"))
}

fn not_offered(plan: &M, disk: &HostScsiDisk) -> Diagnostics {
    let name = disk.canonical_name.as_deref().unwrap_or_default();
    let at = plan.disks.get().iter().position(|d| d == name).unwrap_or_default();
    let detail = "The host does not offer to format the whole disk. Delete the partitions on it, or choose another disk.";
    let summary = format!("Unable to use the disk {name:?} for {}", plan.title());
    Diagnostics::error(M::DISKS.index(at), summary, detail)
}

/// Formats the first disk.
async fn format(cx: &Cx<'_, VmfsDatastore>, plan: &M, disk: &HostScsiDisk) -> Result<MoRef> {
    let (vsphere, host, title) = (cx.client(), plan.host(), plan.title());
    let name = plan.name.as_str();
    let look = || async { Ok(mounted::made(vsphere, &host, name).await?.map(Some)) };
    let make = async { vsphere.api.datastores().create_vmfs(&host, disk, name).await };
    let made = create_or_adopt_named(cx, &title, look, make).await;
    let disk_name = disk.canonical_name.as_deref().unwrap_or_default();
    let made = made.doing_to(format!("create {title} on the disk {disk_name:?} of {host}"), blame)?;
    made.ok_or_else(|| not_offered(plan, disk))
}

/// Extends the datastore with disks, one after the other: the order counts, so that one that fails stops the others. `done` is
/// called with the name of each.
async fn extend(
    cx: &Cx<'_, VmfsDatastore>,
    plan: &M,
    object: &MoRef,
    all: &[HostScsiDisk],
    mut done: impl FnMut(String),
) -> Result<()> {
    let (datastores, host) = (cx.client().api.datastores(), plan.host());
    for disk in all {
        let name = disk.canonical_name.clone().unwrap_or_default();
        if cx.cancel().is_cancelled() {
            let summary = format!("{} does not have all its disks", capital(&plan.title()));
            return Err(Diagnostics::error(
                M::DISKS,
                summary,
                "Terraform was interrupted. Apply again to continue.",
            ));
        }
        let extended = match datastores.extend_vmfs(&host, object, disk).await {
            Err(e) if e.is_unheard() => match datastores.get(object).await {
                // The response was lost.
                Ok(read) if read.vmfs().is_some_and(|v| v.extent.iter().any(|x| x.disk_name == name)) => {
                    Ok(true)
                }
                _ => Err(e),
            },
            extended => extended,
        };
        let extended = extended.doing_to(format!("extend {} with the disk {name:?}", plan.title()), blame)?;
        if !extended {
            return Err(not_offered(plan, disk));
        }
        done(name);
    }
    Ok(())
}

/// Disks that a plan adds and that are not empty. Those that the host does not offer yet may be free at the apply.
async fn check_disks(vsphere: &Vsphere, prior: Option<&M>, planned: &M, force: &Value<bool>) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(now) = planned.disks.known().filter(|_| !force.get() && !force.is_unknown()) else {
        return out;
    };
    let added = Changes::between(&prior.map(|p| p.disks.get()).unwrap_or_default(), now).added;
    if added.is_empty() || planned.host_system_id.is_unknown() {
        return out;
    }
    let host = planned.host();
    let Ok(all) = vsphere.api.datastores().available_disks(&host).await else { return out };
    let all: Vec<_> = added.iter().filter_map(|name| named_disk(&all, name)).collect();
    for (name, what) in used(vsphere, &host, &all).await.unwrap_or_default() {
        out.merge(not_empty(now.iter().position(|d| *d == name).unwrap_or_default(), &name, &what));
    }
    out
}

/// Expands the datastore on all disks that have become larger.
async fn expand(vsphere: &Vsphere, plan: &M, object: &MoRef) -> Result<()> {
    let (datastores, host, title) = (vsphere.api.datastores(), plan.host(), plan.title());
    let all = datastores.expansions(&host, object).await;
    let all = all.doing_to(format!("look for disks of {title} that have grown"), blame_expand)?;
    for spec in all {
        let doing = format!("expand {title} on the disk {:?}", spec.extent.disk_name);
        datastores.expand_vmfs(&host, object, spec).await.doing_to(doing, blame_expand)?;
    }
    Ok(())
}

fn blame_expand(fault: &FaultKind) -> Option<tf_framework::Field> {
    (!matches!(fault, FaultKind::NoPermission { .. })).then_some(M::EXPAND)
}

fn removed(changes: &Changes) -> Diagnostics {
    let detail = format!(
        "The datastore is on these disks, which `disks` does not list:\n{}\nThe extents of a VMFS datastore cannot be removed. \
         Add the disks to `disks`, or replace the resource, which deletes all files on the datastore.",
        listed(changes.removed.iter().cloned())
    );
    Diagnostics::error(M::DISKS, "Disks cannot be removed from a datastore", detail)
}

impl Resource for VmfsDatastore {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object ID or inventory path of the datastore, a colon, and that of a host that \
                                  mounts it, such as datastore-12:host-10";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let all = config.disks.known().map_or(&[][..], Vec::as_slice);
        for i in disks::repeated(all) {
            let detail = "A datastore takes a disk as a whole. Remove one of the two.";
            out.merge(Diagnostics::error(
                M::DISKS.index(i),
                format!("Disk {:?} is listed twice", all[i]),
                detail,
            ));
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, "Datastore", planned).await?;
        let prior = cx.prior.filter(|_| !cx.is_replacement());
        if let Some(prior) = prior
            && let Some(now) = planned.disks.known()
        {
            let changes = Changes::between(&prior.disks.get(), now);
            if !changes.removed.is_empty() {
                return Err(removed(&changes));
            }
            if !changes.added.is_empty() {
                planned.unknown(Summary::CAPACITY);
            }
        }
        if let (Some(vsphere), Some(prior)) = (cx.client, prior)
            && cx.config.expand.get()
        {
            let grown = vsphere.api.datastores().expansions(&prior.host(), &prior.object()).await;
            // A user that may not look for it is not held up.
            if grown.is_ok_and(|all| !all.is_empty()) {
                planned.unknown(Summary::CAPACITY);
                planned.unknown(Summary::FREE_SPACE);
            }
        }
        let Some(vsphere) = cx.client.filter(|_| cx.changed || cx.prior.is_none()) else { return Ok(()) };
        let mut found = planned.location.check(vsphere, prior.map(|p| &p.location)).await;
        if prior.is_none() && !planned.host_system_id.is_unknown() {
            let host = lookup::exists(vsphere, &planned.host(), M::HOST_SYSTEM_ID).await;
            found.merge(host.err().unwrap_or_default());
        }
        found.merge(check_disks(vsphere, prior, planned, &cx.config.force).await);
        if !cx.is_replacement() {
            found.merge(planned.labels.check(vsphere, "Datastore", cx.prior.map(|p| &p.labels)).await);
        }
        cx.finish(found)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        plan.labels.before_create(vsphere, "Datastore").await?;
        let datacenter = mounted::datacenter(vsphere, &plan.host(), M::HOST_SYSTEM_ID).await?;
        let place = plan.location.place(vsphere, &datacenter).await?;
        let found = find(vsphere, &plan, &plan.disks.get()).await?;
        let Some((first, others)) = found.split_first() else { return Ok(plan) };
        let object = format(cx, &plan, first).await?;
        let mut now = M {
            id: object.id.to_string().into(),
            disks: first.canonical_name.clone().into_iter().collect::<Vec<_>>().into(),
            ..plan.clone()
        };
        cx.checkpoint(&now);
        extend(cx, &plan, &object, others, |name| {
            let disks = now.disks.get().into_iter().chain([name]).collect::<Vec<_>>();
            now.disks = disks.into();
            cx.checkpoint(&now);
        })
        .await
        .inspect_err(|_| {
            let detail = "It is in the state with the disks that it has, marked as tainted: the next apply replaces it. \
                          `terraform untaint` keeps it, and the next apply adds the other disks.";
            cx.warn(M::DISKS, format!("{} does not have all its disks", capital(&plan.title())), detail);
        })?;
        if let Some((to, at)) = place {
            folders::move_into(cx, &object, &to, plan.title(), at).await?;
        }
        plan.labels.apply(vsphere, &object, None).await?;
        Ok(M { id: now.id, ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let found = mounted::read(vsphere, &object, &state.title(), &state.labels).await?;
        let Some((read, location, labels)) = found else { return Ok(None) };
        let state = M { id: object.id.to_string().into(), location, labels, ..state };
        Ok(Some(state.observed(&read)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object) = (cx.client(), plan.object());
        let changes = Changes::between(&prior.disks.get(), &plan.disks.get());
        let found = find(vsphere, &plan, &changes.added).await?;
        if !same_name(prior.name.as_str(), plan.name.as_str()) {
            folders::rename(cx, &object, plan.name.as_str(), prior.title(), M::NAME).await?;
        }
        let host = (&plan.host(), M::HOST_SYSTEM_ID);
        plan.location.follow(cx, &prior.location, &object, &plan.title(), host).await?;
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        extend(cx, &plan, &object, &found, |_| {}).await?;
        if plan.expand.get() {
            expand(vsphere, &plan, &object).await?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let rule = "vSphere does not delete a datastore that virtual machines use.";
        let names = (state.name.as_str(), &*state.title());
        let Some(read) = mounted::to_delete(vsphere, &object, names, rule).await? else { return Ok(()) };
        let mut hosts = read.hosts.iter().map(|h| &h.key);
        // The host of the state may have left the datacenter.
        let (own, other) = (state.host(), hosts.clone().next().cloned());
        let host = if hosts.any(|h| *h == own) { own } else { other.unwrap_or(own) };
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let done = vsphere.api.datastores().delete_vmfs(&host, &object, &wait).await;
        or_absent(done).doing(format!("delete {} on {host}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let Some((datastore, host)) = id.rsplit_once(':') else {
            let detail = "Expected a datastore, a colon, and a host that mounts it.";
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("{id:?} does not name a host"),
                detail,
            ));
        };
        let object = lookup::imported(vsphere, datastore, "Datastore").await?;
        let host = lookup::imported(vsphere, host, "HostSystem").await?;
        let read = vsphere.api.datastores().get(&object).await.doing(format!("read {object}"))?;
        if read.vmfs().is_none() {
            let detail = format!("It is a datastore of the type {}. Expected VMFS.", read.summary.r#type);
            let summary = format!("The datastore {datastore:?} is not a VMFS datastore");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        if !read.hosts.iter().any(|h| h.key == host) {
            let hosts = read.hosts.iter().map(|h| h.key.to_string());
            let detail = format!("These hosts mount it:\n{}", listed(hosts));
            let summary = format!("{host} does not mount the datastore {datastore:?}");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let (id, host) = (object.id.to_string(), host.id.to_string());
        Ok(M { id: id.into(), host_system_id: host.into(), ..M::default() })
    }
}

fn blame(fault: &FaultKind) -> Option<tf_framework::Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        FaultKind::NoPermission { .. } => None,
        _ => Some(M::DISKS),
    }
}
