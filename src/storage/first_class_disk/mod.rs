//! `vsphere_first_class_disk`
pub mod data_source;
pub mod data_sources;

use super::place::{Names, datastore_name, imported, same_path};
use super::virtual_disk::{shrinks, vmdk_beside};
use crate::common::lookup::{self, listed};
use crate::common::moid::{Datastore, MoId};
use crate::common::{disk_images, machine};
use crate::fault::{Doing, capital};
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::device::DatastorePath;
use vsphere_client::file::Place;
use vsphere_client::first_class_disk::{At, FirstClassDisk as Disk, NewDisk};
use vsphere_client::policy::ProfileRef;
use vsphere_client::virtual_disk::Provisioning;
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{FaultKind, MoRef};

/// Manages a first class disk: a virtual disk with an ID and a name of its own, which exists independently of virtual
/// machines. The persistent volumes of Kubernetes clusters on vSphere are first class disks. To attach the disk, use
/// `vsphere_virtual_disk_attachment`, or a `disk` block with `attach = true` in `vsphere_virtual_machine`.
///
/// The disk is created in the `fcd` folder of the datastore. To turn an existing virtual disk into a first class disk,
/// set `register_path`. The disk can be renamed and extended in place. Destroying the resource deletes the disk and its
/// data, even if the disk was registered. The operation fails while the disk is attached to a virtual machine. Requires
/// the `Datastore.FileManagement` privilege on the datastore.
///
/// Storage DRS does not place first class disks: the API for them takes a datastore and no datastore cluster. To select a
/// datastore of a datastore cluster, use a data source such as `vsphere_datastore_stats`, or the `datastore_id` of
/// `vsphere_virtual_machine_placement` with `datastore_cluster_id`.
///
/// ~> Do not use this resource for the volume of a `PersistentVolumeClaim`: the driver in the Kubernetes cluster manages
/// it.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_first_class_disk", category = "Storage")]
pub struct FirstClassDiskModel {
    /// The ID of the disk, a UUID.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the disk. The name does not have to be unique, and renaming the disk does not rename its file.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The managed object ID of the datastore.
    #[tf(required, force_new, form = MoId::<Datastore>::form)]
    pub datastore_id: Value<String>,
    /// The size of the disk, in GiB. The size can be increased but not decreased. Required unless `register_path` is
    /// set. If omitted, a registered disk keeps its size.
    #[tf(optional, computed, range(1, 63_488), at_least_one_of("size", "register_path"))]
    pub size: Value<i64>,
    /// The provisioning type: `thin` (space is allocated as the guest writes), `lazy` (space is allocated when the disk
    /// is created, and zeroed on first write) or `eagerZeroedThick` (space is allocated and zeroed when the disk is
    /// created). Defaults to `thin`. A registered disk keeps its type.
    #[tf(
        optional,
        computed,
        force_new,
        one_of("thin", "eagerZeroedThick", "lazy"),
        conflicts_with("register_path")
    )]
    pub r#type: Value<String>,
    /// The ID of the storage policy of the disk. If omitted, the default storage policy of the datastore applies to a new
    /// disk, and the storage policy is not managed.
    #[tf(optional)]
    pub storage_policy_id: Value<String>,
    /// Whether the disk is kept when a virtual machine that it is attached to is deleted. If `false`, vSphere deletes the
    /// disk with the virtual machine, unless the virtual machine is destroyed by `vsphere_virtual_machine`, which detaches
    /// first class disks first.
    #[tf(optional, default = true)]
    pub keep_after_delete_vm: Value<bool>,
    /// The path of an existing virtual disk to register as a first class disk, relative to the datastore, such as
    /// `disks/data.vmdk`. The file stays where it is. If omitted, a new disk is created.
    #[tf(optional, force_new, check = file, same = same_path)]
    pub register_path: Value<String>,
    /// The path of the disk with its datastore, such as `[ssd1] fcd/c5e4a0f2.vmdk`, for use in
    /// `vsphere_virtual_disk_attachment`.
    #[tf(computed)]
    pub path: Value<String>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = FirstClassDiskModel;

/// MiB in a GiB.
const GIB: i64 = 1 << 10;

/// A check for the path of a disk.
fn file(v: &Dynamic) -> std::result::Result<(), String> {
    vmdk_beside("datastore_id", v)
}

/// The resource.
#[derive(Debug, Default)]
pub struct FirstClassDisk;

/// A provisioning type, as in the configuration.
fn type_name(p: Provisioning) -> &'static str {
    match p {
        Provisioning::Thin => "thin",
        Provisioning::Lazy => "lazy",
        Provisioning::Eager => "eagerZeroedThick",
    }
}

/// The size in GiB of so many MiB, rounded up.
fn gib(mib: i64) -> i64 {
    mib.saturating_add(GIB - 1) / GIB
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the first class disk {:?}", self.name.as_str())
    }

    fn datastore(&self) -> MoRef {
        MoId::<Datastore>::object(self.datastore_id.as_str())
    }

    /// With the values of the server. The type is reported only if the state does not have it: after an import or a
    /// registration.
    fn observed(self, disk: &Disk) -> Self {
        let size = gib(disk.capacity_mib);
        let r#type = if self.r#type.known().is_some() {
            self.r#type
        } else {
            disk.provisioning.map(|p| type_name(p).to_owned()).into()
        };
        Self {
            id: disk.id.clone().into(),
            name: disk.name.clone().into(),
            size: size.into(),
            r#type,
            keep_after_delete_vm: disk.keep_after_delete_vm.into(),
            path: disk.path.clone().into(),
            ..self
        }
    }

    /// Registers the disk of the path.
    async fn register(&self, cx: &Cx<'_, FirstClassDisk>) -> Result<Disk> {
        let vsphere = cx.client();
        let object = self.datastore();
        let name = datastore_name(vsphere, self.datastore_id.as_str(), M::DATASTORE_ID).await?;
        let path = DatastorePath::new(name, self.register_path.as_str().trim_start_matches('/'));
        let datacenter =
            vsphere.api.find().datacenter_of(&object).await.doing(format!("look for {object}"))?;
        let Some(datacenter) = datacenter else {
            return Err(MoId::<Datastore>::not_found(self.datastore_id.as_str(), M::DATASTORE_ID));
        };
        // What can be refused is refused before anything is done. Who may not browse the datastore is not held up.
        let found =
            vsphere.api.virtual_disks().find(&object, &path, cx.timeout(vsphere.timeout), cx.cancel()).await;
        let file = match found {
            Ok(None) => {
                let detail = format!(
                    "{object} has no such disk. The path is relative to the top folder of the datastore, and upper and \
                     lower case may differ."
                );
                return Err(Diagnostics::error(M::REGISTER_PATH, format!("There is no disk {path}"), detail));
            }
            Err(e) if matches!(e.fault_kind(), Some(FaultKind::NoPermission { .. })) => None,
            found => found.doing_to(format!("look for {path}"), |_| Some(M::REGISTER_PATH))?,
        };
        if let (Some(kib), Some(wanted)) = (file.and_then(|f| f.capacity_kib), self.size.known())
            && let is = gib(kib >> 10)
            && *wanted < is
        {
            return Err(shrinks(M::SIZE, is));
        }
        let disks = vsphere.api.first_class_disks();
        let from = Place { datacenter: &datacenter, path: &path };
        let done = disks.register(from, self.name.as_str()).await;
        if let Err(e) = &done
            && matches!(e.fault_kind(), Some(FaultKind::AlreadyExists { .. }))
        {
            let found = at_path(vsphere, &object, &path).await?;
            let detail = found.map_or_else(String::new, |d| {
                format!(
                    "Its name is {:?}. Import it: terraform import <address> {}:{}",
                    d.name,
                    self.datastore_id.as_str(),
                    d.id
                )
            });
            let summary = format!("{path} is a first class disk already");
            return Err(Diagnostics::error(M::REGISTER_PATH, summary, detail));
        }
        done.doing_to(format!("register {path} as a first class disk"), |_| Some(M::REGISTER_PATH))
    }
}

/// The storage policy of a disk for the state: the one that the state has if vCenter reports that or none, which a vCenter
/// also does that has no answer for first class disks. Pure.
fn policy(state: &Value<String>, found: &[String]) -> Value<String> {
    let other = found.first().filter(|_| !found.iter().any(|id| id == state.as_str()));
    other.map_or_else(|| state.clone(), |id| id.clone().into())
}

/// Reads the storage policy of a disk if the state has one, or if the disk is imported. If that fails, the state keeps its
/// own.
async fn observe_policy(cx: &Cx<'_, FirstClassDisk>, imported: bool, state: M) -> M {
    if !imported && state.storage_policy_id.non_empty().is_none() {
        return state;
    }
    let asked = ProfileRef::FirstClassDisk(state.id.get());
    let read = cx.client().api.policies().associated(std::slice::from_ref(&asked)).await;
    match read.doing(format!("read the storage policy of {}", state.title())) {
        Ok(found) => {
            let kept = state.storage_policy_id.clone();
            let storage_policy_id =
                found.get(&asked).map_or(kept, |ids| policy(&state.storage_policy_id, ids));
            M { storage_policy_id, ..state }
        }
        Err(problems) => {
            for p in problems.0 {
                let detail = format!("{}\nThe state keeps the storage policy that it had.", p.detail);
                cx.warn(M::STORAGE_POLICY_ID, p.summary, detail);
            }
            state
        }
    }
}

/// The disk of a path.
async fn at_path(vsphere: &Vsphere, datastore: &MoRef, path: &DatastorePath) -> Result<Option<Disk>> {
    let all = vsphere.api.first_class_disks().list(datastore).await;
    let all = all.doing(format!("list the first class disks of {datastore}"))?;
    let text = path.to_string();
    Ok(all.into_iter().find(|d| d.path.as_deref() == Some(&*text)))
}

/// Brings a disk to what the plan says; `saved` gets the state after each step.
async fn change(cx: &Cx<'_, FirstClassDisk>, is: &M, plan: &M, saved: impl Fn(&M)) -> Result<M> {
    let vsphere = cx.client();
    let (disks, object) = (vsphere.api.first_class_disks(), plan.datastore());
    let at = At { datastore: &object, id: is.id.as_str() };
    let wait = || Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let mut now = is.clone();
    if now.name != plan.name {
        let done = disks.rename(at, plan.name.as_str()).await;
        done.doing_to(format!("rename {}", is.title()), |_| Some(M::NAME))?;
        now.name = plan.name.clone();
        saved(&now);
    }
    if now.keep_after_delete_vm != plan.keep_after_delete_vm {
        let done = disks.set_keep_after_delete_vm(at, plan.keep_after_delete_vm.get()).await;
        let doing = format!("change whether {} is kept with its virtual machine", plan.title());
        done.doing_to(doing, |_| Some(M::KEEP_AFTER_DELETE_VM))?;
        now.keep_after_delete_vm = plan.keep_after_delete_vm;
        saved(&now);
    }
    if let Some(policy) = plan.storage_policy_id.non_empty()
        && now.storage_policy_id != plan.storage_policy_id
    {
        let done = disks.set_policy(at, policy, wait()).await;
        let doing = format!("assign a storage policy to {}", plan.title());
        done.doing_to(doing, |_| Some(M::STORAGE_POLICY_ID))?;
        now.storage_policy_id = plan.storage_policy_id.clone();
        saved(&now);
    }
    if let (Some(size), Some(wanted)) = (now.size.known(), plan.size.known())
        && wanted > size
    {
        let done = disks.extend(at, wanted.saturating_mul(GIB), wait()).await;
        if let Err(e) = &done
            && matches!(e.fault_kind(), Some(FaultKind::InvalidState))
        {
            let summary = format!("{} cannot be extended in its state", capital(&plan.title()));
            let detail = "A first class disk with snapshots cannot be extended, and before vSphere 7.0 Update 2 neither \
                          can one that is attached to a virtual machine that is powered on.";
            return Err(Diagnostics::error(M::SIZE, summary, detail));
        }
        done.doing_to(format!("extend {}", plan.title()), |_| Some(M::SIZE))?;
        now.size = plan.size;
    }
    Ok(M {
        storage_policy_id: plan.storage_policy_id.clone(),
        register_path: plan.register_path.clone(),
        ..now
    })
}

impl Resource for FirstClassDisk {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object ID of the datastore, a colon and the ID of the disk, such as \
                                  datastore-12:6c3b8f0e-6a9c-4a0b-9d3c-0f7f5f6f2a11, or the path of the datacenter and the path of the \
                                  disk with its datastore, such as /dc1/[ssd1] fcd/c5e4a0f2.vmdk";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(prior) = cx.prior else {
            if let (Some(vsphere), Some(id)) = (cx.client, planned.datastore_id.known()) {
                lookup::exists(vsphere, &MoId::<Datastore>::object(id), M::DATASTORE_ID).await?;
            }
            return Ok(());
        };
        // An imported disk has no such path, and without one it is the same disk.
        if prior.register_path.is_null() || planned.register_path.is_null() {
            let at = AttributePath::from(M::REGISTER_PATH);
            cx.replace.retain(|p| *p != at);
        }
        if cx.is_replacement() {
            let detail = "Another disk replaces it. The data on this disk is lost.";
            cx.warn(AttributePath::root(), format!("{} will be deleted", capital(&prior.title())), detail);
            return Ok(());
        }
        match (prior.size.known(), planned.size.known()) {
            (Some(is), Some(wanted)) if wanted < is => Err(shrinks(M::SIZE, *is)),
            _ => Ok(()),
        }
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        if !plan.register_path.is_null() {
            let disk = plan.register(cx).await?;
            // A registered disk has no storage policy of its own.
            let is = M { storage_policy_id: Value::Null, ..plan.clone().observed(&disk) };
            // Not in the state before all is done: the next apply would replace it, and delete a disk that was there before.
            return change(cx, &is, &plan, |_| ()).await.map_err(|mut failed| {
                let id = format!("{}:{}", plan.datastore_id.as_str(), disk.id);
                for d in &mut failed.0 {
                    d.detail += &format!(
                        "\nThe disk is registered, and not in the state. Import it, and apply again: terraform import <address> {id}"
                    );
                }
                failed
            });
        }
        let new = NewDisk {
            datastore: &plan.datastore(),
            name: plan.name.as_str(),
            capacity_mib: plan.size.get().saturating_mul(GIB),
            provisioning: Some(disk_images::provisioning(&plan.r#type)),
            policy: plan.storage_policy_id.non_empty().map(String::as_str),
            keep_after_delete_vm: plan.keep_after_delete_vm.get(),
        };
        let made = vsphere.api.first_class_disks().create(new, wait).await;
        let id = made.doing_to(format!("create {}", plan.title()), blame)?;
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let at = At { datastore: &state.datastore(), id: state.id.as_str() };
        let found = vsphere.api.first_class_disks().get(at).await.doing(format!("read {}", state.title()))?;
        let Some(disk) = found else { return Ok(None) };
        let imported = state.name.is_null();
        Ok(Some(observe_policy(cx, imported, state.observed(&disk)).await))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let done = change(cx, &prior, &plan, |now| cx.checkpoint(now)).await?;
        Ok(M { timeouts: plan.timeouts, ..done })
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let (disks, object) = (vsphere.api.first_class_disks(), state.datastore());
        let at = At { datastore: &object, id: state.id.as_str() };
        let doing = || format!("delete {}", state.title());
        let Some(disk) = disks.get(at).await.doing(doing())? else { return Ok(()) };
        if !disk.consumers.is_empty() {
            let mut users = vec![];
            for consumer in &disk.consumers {
                let machine = machine::by_id(vsphere, consumer).await?;
                users.push(machine.map_or_else(|| consumer.clone(), |m| m.to_string()));
            }
            let detail = format!(
                "Detach it first, or remove the disk from the resource that attaches it. It is attached to:\n{}",
                listed(users.into_iter())
            );
            let summary = format!("{} is attached to a virtual machine", capital(&state.title()));
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        disks.delete(at, Wait::new(cx.timeout(vsphere.timeout), cx.cancel())).await.doing(doing())
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        let wrong = || {
            Diagnostics::error(AttributePath::root(), format!("{id:?} does not name a first class disk"), "")
        };
        if let Some((datacenter, path)) = imported(id) {
            let names = Names {
                datacenter: (&datacenter.into(), M::DATASTORE_ID),
                datastore: (&path.datastore.clone().into(), M::DATASTORE_ID),
                path: &path.path,
            };
            let place = names.find(vsphere).await?;
            let found = at_path(vsphere, &place.datastore, &place.path).await?.ok_or_else(wrong)?;
            return Ok(M {
                id: found.id.into(),
                datastore_id: place.datastore.id.to_string().into(),
                ..M::default()
            });
        }
        let (datastore, disk) = id.rsplit_once(':').ok_or_else(wrong)?;
        if MoId::<Datastore>::form(&datastore.into()).is_err() || disk.is_empty() {
            return Err(wrong());
        }
        Ok(M { id: disk.into(), datastore_id: datastore.into(), ..M::default() })
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { property: Some(p) } if p.contains("rofile") => {
            Some(M::STORAGE_POLICY_ID)
        }
        FaultKind::InvalidArgument { property: Some(p) } if p.contains("apacity") => Some(M::SIZE),
        FaultKind::InvalidArgument { property: Some(p) } if p.contains("name") => Some(M::NAME),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_the_state_is_kept_unless_vcenter_reports_another_one() {
        let all = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        for (state, found, expected) in [
            ("b", &["a", "b"][..], "b".into()),
            ("c", &["a", "b"], "a".into()),
            ("c", &[], "c".into()),
            ("", &["a"], "a".into()),
        ] {
            assert_eq!(policy(&state.into(), &all(found)), expected, "{state} {found:?}");
        }
        assert_eq!(policy(&Value::Null, &[]), Value::Null);
    }

    #[test]
    fn sizes_are_rounded_up_and_types_stay() {
        for (mib, size) in [(1, 1), (1024, 1), (1025, 2), (2048, 2)] {
            assert_eq!(gib(mib), size);
        }
        let disk = Disk {
            id: "u".to_owned(),
            name: "n".to_owned(),
            capacity_mib: 1500,
            path: Some("[ds1] fcd/u.vmdk".to_owned()),
            provisioning: Some(Provisioning::Lazy),
            keep_after_delete_vm: false,
            consumers: vec![],
            created: String::new(),
        };
        let seen = M::default().observed(&disk);
        assert_eq!(
            (seen.size.get(), seen.r#type.as_str(), seen.keep_after_delete_vm.get()),
            (2, "lazy", false)
        );
        let kept = M { r#type: "thin".into(), ..M::default() }.observed(&disk);
        assert_eq!(kept.r#type.as_str(), "thin");
        for text in ["thin", "lazy", "eagerZeroedThick"] {
            assert_eq!(type_name(disk_images::provisioning(&text.into())), text);
        }
    }
}
