//! Whose disks are whose. The UUIDs of the disks that the resource has made are kept beside the state; what is not among them,
//! and not in the state, is somebody else's, and stays as it is.
use super::super::assembly::Assembly;
use super::super::model::VirtualMachineModel as M;
use super::convert::{disks, own_file, plain_path, uuid};
use super::model::DiskModel;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use vsphere_client::device::{DatastorePath, Devices, Disk, Files, ForeignSign};
use vsphere_client::virtual_machine::VirtualMachine;

/// The member of the private data for [`Own`].
pub(in super::super) const OWN: &str = "disks";
/// The member of the private data for the foreign disks of which the user was told.
pub(in super::super) const TOLD: &str = "told_disks";

/// What the official provider called disks that it did not know.
pub(super) const ORPHANED: &str = "orphaned_disk_";

/// The UUIDs of the disks that the resource has made; nothing for a state that another provider wrote.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Own(pub(super) Option<BTreeSet<String>>);

/// A disk that is somebody else's.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Foreign {
    /// The key of the device.
    pub(in super::super) key: i32,
    /// By which it is remembered: its UUID, or its file.
    pub(in super::super) identity: String,
    /// In words: `the disk at scsi:0:3 ([ds] fcd/a.vmdk), a first class disk`.
    pub(in super::super) words: String,
}

impl Own {
    /// From the private data.
    pub(in super::super) fn read(kept: Option<&Json>) -> Self {
        let texts = |list: &Vec<Json>| list.iter().filter_map(Json::as_str).map(str::to_lowercase).collect();
        Self(kept.and_then(Json::as_array).map(texts))
    }

    /// For the private data.
    pub(in super::super) fn write(&self) -> Json {
        self.0.as_ref().map_or(Json::Null, |uuids| json!(uuids))
    }

    /// Those of a machine that was just made: all that it has, but those that are attached. What a template has is the
    /// clone's own; the attached files of others are not.
    pub(in super::super) fn made(vm: &VirtualMachine, state: &M) -> Self {
        let attached: BTreeSet<String> =
            disks(state).iter().filter(|d| d.attach.get()).filter_map(uuid).collect();
        let devices = vm.devices();
        let all = devices.disks().into_iter().filter(|(_, d)| d.first_class_id().is_none());
        Self(Some(all.filter_map(|(_, d)| d.uuid()).filter(|u| !attached.contains(u)).collect()))
    }

    /// Those of a machine after a change: those that were before and are still there, and those that the state lists.
    pub(in super::super) fn after(&self, vm: &VirtualMachine, state: &M) -> Self {
        let devices = vm.devices();
        let home = vm.home();
        let is_own = |d: &Disk<'_>| d.uuid().is_some_and(|u| self.owns(d, &u, state, home.as_ref()));
        Self(Some(
            devices.disks().iter().map(|(_, d)| d).filter(|d| is_own(d)).filter_map(Disk::uuid).collect(),
        ))
    }

    /// Those of a machine after a change of ours: those of `before` that were the resource's, and what has come since,
    /// but for what the plan attaches.
    pub(in super::super) fn after_change(
        &self,
        before: &VirtualMachine,
        prior: &M,
        vm: &VirtualMachine,
        plan: &M,
    ) -> Self {
        let Self(mut own) = self.after(before, prior);
        let uuids = |vm: &VirtualMachine| -> BTreeSet<String> {
            vm.devices().disks().into_iter().filter_map(|(_, d)| d.uuid()).collect()
        };
        let (was, is) = (uuids(before), uuids(vm));
        let attached: BTreeSet<String> = disks(plan)
            .iter()
            .filter(|d| d.attach.get())
            .filter_map(|d| plain_path(d.path.as_str()))
            .collect();
        let devices = vm.devices();
        let is_attached = |d: &Disk<'_>| {
            let file = d.backing().and_then(|b| plain_path(own_file(&b)));
            file.is_some_and(|f| attached.contains(&f))
        };
        let new = devices.disks().into_iter().filter(|(_, d)| {
            d.uuid().is_some_and(|u| !was.contains(&u)) && d.first_class_id().is_none() && !is_attached(d)
        });
        let list = own.get_or_insert_default();
        list.retain(|u| is.contains(u));
        list.extend(new.filter_map(|(_, d)| d.uuid()));
        Self(own)
    }

    /// Whether a disk is the resource's. Without a list of its disks that is guessed from where the file is.
    fn owns(&self, disk: &Disk<'_>, uuid_: &str, state: &M, home: Option<&DatastorePath>) -> bool {
        if let Some(d) = disks(state).iter().find(|d| uuid(d).as_deref() == Some(uuid_)) {
            return !d.attach.get() && !is_foreign_block(d);
        }
        match &self.0 {
            Some(uuids) => uuids.contains(uuid_),
            None => sign(disk, home).is_none(),
        }
    }

    /// Whether a disk belongs to the machine as far as the resource is concerned: made by it, or listed in the state.
    pub(super) fn knows(&self, disk: &Disk<'_>, state: Option<&M>, home: Option<&DatastorePath>) -> bool {
        let Some(uuid_) = disk.uuid() else { return self.0.is_none() && sign(disk, home).is_none() };
        if let Some(state) = state
            && let Some(d) = disks(state).iter().find(|d| uuid(d).as_deref() == Some(&*uuid_))
        {
            return !is_foreign_block(d);
        }
        match &self.0 {
            Some(uuids) => uuids.contains(&uuid_) && disk.first_class_id().is_none(),
            None => sign(disk, home).is_none(),
        }
    }
}

/// Whether a block of a state is a disk that the official provider listed without owning it.
pub(super) fn is_foreign_block(d: &DiskModel) -> bool {
    let path = plain_path(d.path.as_str()).unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let volume = path.starts_with("fcd/")
        || path.starts_with("kubevols/")
        || file.starts_with("pvc-")
        || file.starts_with("kubernetes-dynamic-pvc-");
    d.label.as_str().starts_with(ORPHANED) || (volume && !d.attach.get())
}

/// What says that a disk is somebody else's: a first class disk, a volume, or a file that is in the folder of another machine.
/// A linked clone's file is in its own folder, whatever it is a difference to.
fn sign(disk: &Disk<'_>, home: Option<&DatastorePath>) -> Option<ForeignSign> {
    let at_home = || {
        let file = disk.backing().and_then(|b| own_file(&b).parse::<DatastorePath>().ok());
        file.zip(home).is_some_and(|(file, home)| file.folder() == home.folder())
    };
    let sign = disk.foreign_signs(home).into_iter().next()?;
    (!matches!(sign, ForeignSign::OtherFolder(_)) || !at_home()).then_some(sign)
}

/// The disks of a machine that are somebody else's.
pub(in super::super) fn foreign(vm: &VirtualMachine, state: &M, own: &Own) -> Vec<Foreign> {
    foreign_of(&vm.devices(), vm.home().as_ref(), Some(state), own)
}

pub(super) fn foreign_of(
    devices: &Devices,
    home: Option<&DatastorePath>,
    state: Option<&M>,
    own: &Own,
) -> Vec<Foreign> {
    let others = devices.disks().into_iter().filter(|(_, d)| !own.knows(d, state, home));
    others
        .map(|(at, disk)| {
            let file = disk.backing().map(|b| own_file(&b).to_owned()).unwrap_or_default();
            let place = at.map_or_else(String::new, |a| format!(" at {a}"));
            let why = match sign(&disk, home) {
                Some(ForeignSign::FirstClassDisk(id)) => format!("the first class disk {id}"),
                Some(ForeignSign::VolumeFolder(_)) => {
                    "a volume of Kubernetes or another manager of disks".into()
                }
                Some(ForeignSign::OtherFolder(_)) => "its file is in the folder of another machine".into(),
                _ => "not made by this resource".to_owned(),
            };
            let file_words = if file.is_empty() { String::new() } else { format!(" ({file})") };
            Foreign {
                key: disk.key(),
                identity: disk.uuid().unwrap_or(file),
                words: format!("the disk{place}{file_words}: {why}"),
            }
        })
        .collect()
}

/// Which foreign disks the user was not told of yet, and what is to be remembered: those that are there now, so that one that
/// comes back is told of again.
pub(in super::super) fn news(foreign: &[Foreign], told: Option<&Json>) -> (Vec<Foreign>, Json) {
    let told: BTreeSet<&str> =
        told.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let new = foreign.iter().filter(|f| !told.contains(f.identity.as_str())).cloned().collect();
    let all: BTreeSet<&str> = foreign.iter().map(|f| f.identity.as_str()).collect();
    (new, if all.is_empty() { Json::Null } else { json!(all) })
}

/// Before a machine is destroyed: takes off it what must stay, which is what is somebody else's, what was attached, and what is
/// declared to be kept. vSphere deletes the files of all disks that a machine has.
pub(in super::super) fn detach_before_destroy(vm: &VirtualMachine, state: &M, own: &Own, out: &mut Assembly) {
    let home = vm.home();
    let devices = vm.devices();
    for (_, disk) in devices.disks() {
        let block =
            disks(state).iter().enumerate().find(|(_, d)| uuid(d).is_some() && uuid(d) == disk.uuid());
        let stays = match block {
            Some((_, d)) => {
                d.attach.get()
                    || d.keep_on_remove.get()
                    || is_foreign_block(d)
                    || disk.first_class_id().is_some()
            }
            None => !own.knows(&disk, Some(state), home.as_ref()),
        };
        if stays && let Some(device) = devices.by_key(disk.key()) {
            let at = block.map_or_else(|| M::DISK.into(), |(i, _)| M::DISK.index(i));
            out.remove(at, devices.describe(device), device.clone(), Files::Keep);
        }
    }
}
