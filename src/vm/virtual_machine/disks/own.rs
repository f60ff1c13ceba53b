//! Whose disks are whose. The UUIDs of the disks that the resource has made are kept beside the state; what is not among them,
//! and not in the state, is foreign, and is not changed.
//!
//! A disk is the resource's because a call of its own has made it, an import has found it, or the configuration declares it;
//! never because it exists when an operation has ended. Other programs may attach a disk at any time: a backup proxy, a CSI driver.
use super::super::assembly::Assembly;
use super::super::model::{DiskModel, VirtualMachineModel as M};
use super::convert::{declared_address, disks, gib, own_file, plain_path, size, uuid};
use super::mark::Mark;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::AttributePath;
use vsphere_client::device::{Address, DatastorePath, Devices, Disk, Files, ForeignSign};
use vsphere_client::virtual_machine::VirtualMachine;

/// The member of the private data for [`Own`].
pub(in super::super) const OWN: &str = "disks";
/// The member of the private data for the foreign disks that were reported to the user.
pub(in super::super) const REPORTED: &str = "reported_disks";

/// The member of the private data that is there until what a call has made is read for the first time; see [`to_make`].
pub(in super::super) const MADE: &str = "made";

/// What the official provider called disks that it did not know.
pub(super) const ORPHANED: &str = "orphaned_disk_";

/// The UUIDs of the disks that the resource has made; nothing for a state that another provider wrote.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Own(pub(super) Option<BTreeSet<String>>, pub(super) Used);

/// The files that other machines use as well, or that lie in their folders, with why they stay.
pub(in super::super) type Used = BTreeMap<String, String>;

/// A disk that the resource does not own.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Foreign {
    /// The key of the device.
    pub(in super::super) key: i32,
    /// By which it is remembered: its UUID, or its file.
    pub(in super::super) identity: String,
    /// In words: `the disk at scsi:0:3 ([ds] fcd/a.vmdk), a first class disk`.
    pub(in super::super) words: String,
    /// Whether it is a first class disk, which has its own life.
    pub(in super::super) first_class: bool,
}

impl Own {
    /// From the private data.
    pub(in super::super) fn read(kept: Option<&Json>) -> Self {
        let texts = |list: &Vec<Json>| list.iter().filter_map(Json::as_str).map(str::to_lowercase).collect();
        Self::new(kept.and_then(Json::as_array).map(texts))
    }

    fn new(uuids: Option<BTreeSet<String>>) -> Self {
        Self(uuids, Used::new())
    }

    /// With further disks.
    pub(super) fn with(self, uuids: Vec<String>) -> Self {
        let mut all = self.0.unwrap_or_default();
        all.extend(uuids);
        Self(Some(all), self.1)
    }

    /// With the files that must not be deleted.
    pub(in super::super) fn sparing(self, used: Used) -> Self {
        Self(self.0, used)
    }

    /// Why the files of a disk must not be deleted; nothing where they may.
    pub(super) fn spares(&self, disk: &Disk<'_>) -> Option<&str> {
        chain(disk).iter().find_map(|f| self.1.get(f)).map(String::as_str)
    }

    /// For the private data.
    pub(in super::super) fn write(&self) -> Json {
        self.0.as_ref().map_or(Json::Null, |uuids| json!(uuids))
    }

    /// Those that an import finds: all except those with a sign of being foreign. `homes` are the folders of other
    /// machines; migrated machines have disks in folders that are the home of none.
    pub(in super::super) fn found(vm: &VirtualMachine, homes: &BTreeSet<String>) -> Self {
        let home = vm.home();
        let is_own = |d: &Disk<'_>| match sign(d, home.as_ref()) {
            Some(ForeignSign::FirstClassDisk(_) | ForeignSign::VolumeFolder(_)) => false,
            _ => place(d)
                .is_none_or(|p| Some(&p) == home.as_ref().map(folder_of).as_ref() || !homes.contains(&p)),
        };
        let devices = vm.devices();
        let all = devices.disks().into_iter().filter(|(_, d)| is_own(d));
        Self::new(Some(all.filter_map(|(_, d)| d.uuid()).collect()))
    }

    /// With those that a call has made, by what was kept of it: see [`to_make`]. A disk that was there `before` is none.
    pub(in super::super) fn with_made(
        self,
        vm: &VirtualMachine,
        plan: &M,
        made: Option<&Json>,
        before: Option<&VirtualMachine>,
    ) -> Self {
        let Some(made) = made.filter(|m| !m.is_null()) else { return self };
        let known = |key: &str| made.get(key).and_then(Json::as_array);
        let at: Option<Vec<Address>> =
            known("at").map(|all| all.iter().filter_map(|a| a.as_str()?.parse().ok()).collect());
        let sure = made.get("sure").and_then(Json::as_bool).unwrap_or(true);
        if !sure && made.get("mark").is_some_and(|n| n.as_u64() != Mark::of(vm).map(|m| m.number)) {
            // The call would have left its mark.
            return self;
        }
        let was: BTreeSet<String> = before
            .map(|vm| vm.devices().disks().into_iter().filter_map(|(_, d)| d.uuid()).collect())
            .unwrap_or_default();
        let home = vm.home();
        let block =
            |at: Address| disks(plan).iter().find(|d| !d.attach.get() && declared_address(d) == Some(at));
        // Whether it is as requested, if the outcome of the request is unknown.
        let alike = |address: Address, d: &Disk<'_>| {
            let asked = block(address).and_then(|b| size(&b.size));
            let file = d.backing().and_then(|b| own_file(&b).parse::<DatastorePath>().ok());
            asked.is_none_or(|asked| gib(d.capacity()) == asked)
                && file.zip(home.as_ref()).is_some_and(|(file, home)| file.folder() == home.folder())
        };
        let is_made = |address: Option<Address>, d: &Disk<'_>| match (&at, address) {
            (Some(at), Some(address)) => at.contains(&address) && (sure || alike(address, d)),
            (Some(_), None) => false,
            (None, _) => sign(d, home.as_ref()).is_none(),
        };
        let devices = vm.devices();
        let all = devices.disks();
        let new = all
            .iter()
            .filter(|(at, d)| d.first_class_id().is_none() && is_made(*at, d))
            .filter_map(|(_, d)| d.uuid())
            .filter(|u| !was.contains(u));
        let mut own = self.0.unwrap_or_default();
        own.extend(new);
        Self::new(Some(own))
    }

    /// Those of a machine after a change: those that were the resource's before and are still there. What an import has found
    /// and the plan does not declare is left to itself.
    pub(in super::super) fn after_change(
        &self,
        before: &VirtualMachine,
        prior: &M,
        vm: &VirtualMachine,
        plan: &M,
    ) -> Self {
        let uuids = |vm: &VirtualMachine| -> BTreeSet<String> {
            vm.devices().disks().into_iter().filter_map(|(_, d)| d.uuid()).collect()
        };
        let is = uuids(vm);
        let left = prior.imported.get() && !disks(plan).is_empty();
        let stays = |u: &String| !left || disks(plan).iter().any(|d| uuid(d).as_ref() == Some(u));
        let devices = before.devices();
        let all =
            devices.disks().into_iter().filter(|(_, d)| self.owns(d, prior)).filter_map(|(_, d)| d.uuid());
        Self::new(Some(all.filter(|u| is.contains(u) && stays(u)).collect()))
    }

    /// Whether a disk is the resource's: of its list, or of those of the state that are not attached.
    fn owns(&self, disk: &Disk<'_>, state: &M) -> bool {
        let Some(uuid_) = disk.uuid() else { return false };
        if let Some(d) = disks(state).iter().find(|d| uuid(d).as_deref() == Some(&*uuid_)) {
            return !d.attach.get() && !is_foreign_block(d);
        }
        self.0.as_ref().is_some_and(|uuids| uuids.contains(&uuid_))
    }

    /// Whether a disk belongs to the machine as far as the resource is concerned: made by it, or listed in the state.
    pub(super) fn knows(&self, disk: &Disk<'_>, state: Option<&M>, home: Option<&DatastorePath>) -> bool {
        let Some(uuid_) = disk.uuid() else { return self.0.is_none() && sign(disk, home).is_none() };
        if let Some(state) = state
            && let Some(d) = disks(state).iter().find(|d| uuid(d).as_deref() == Some(&*uuid_))
        {
            return !is_foreign_block(d);
        }
        self.0.as_ref().is_some_and(|uuids| uuids.contains(&uuid_)) && disk.first_class_id().is_none()
    }
}

/// The addresses at which a call makes disks, for the private data, until they were read: those of the declared disks that
/// are not there yet. No other client can have added a disk there since.
pub(in super::super) fn to_make(plan: &M) -> Json {
    let new = disks(plan).iter().filter(|d| !d.attach.get() && uuid(d).is_none());
    addresses(new.filter_map(declared_address))
}

/// The same where the addresses are not known: what is in the machine's own folder.
pub(in super::super) fn at_home() -> Json {
    json!({ "at": Json::Null })
}

/// The same for a machine that is made of another: where its disks hang.
pub(in super::super) fn to_copy(source: &Devices) -> Json {
    let all = source.disks();
    if all.iter().any(|(at, _)| at.is_none()) {
        json!({ "at": Json::Null })
    } else {
        addresses(all.into_iter().filter_map(|(at, _)| at))
    }
}

/// The same when it is not known whether the call has made anything: what is found there must be like what was asked for.
pub(in super::super) fn perhaps(mut made: Json) -> Json {
    made["sure"] = false.into();
    made
}

/// The same with the number of the mark that goes with the call; see [`next`](super::mark::next).
pub(in super::super) fn marked(mut made: Json, mark: Option<u64>) -> Json {
    if let Some(number) = mark {
        made["mark"] = number.into();
    }
    made
}

fn addresses(all: impl Iterator<Item = Address>) -> Json {
    json!({ "at": all.map(|a| a.to_string()).collect::<Vec<_>>() })
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

/// The sign that a disk is foreign: a first class disk, a volume, or a file in the folder of another virtual machine.
/// A linked clone's file is in its own folder, whatever it is a difference to.
pub(super) fn sign(disk: &Disk<'_>, home: Option<&DatastorePath>) -> Option<ForeignSign> {
    let at_home = || {
        let file = disk.backing().and_then(|b| own_file(&b).parse::<DatastorePath>().ok());
        file.zip(home).is_some_and(|(file, home)| file.folder() == home.folder())
    };
    let sign = disk.foreign_signs(home).into_iter().next()?;
    (!matches!(sign, ForeignSign::OtherFolder(_)) || !at_home()).then_some(sign)
}

/// Whether a manager of disks looks after a disk, wherever its file is.
pub(super) fn is_volume(disk: &Disk<'_>) -> bool {
    !disk.foreign_signs(None).is_empty()
}

/// The files that go when a disk is deleted: its own and those of its snapshots.
fn chain(disk: &Disk<'_>) -> Vec<String> {
    let Some(b) = disk.backing() else { return vec![] };
    let folder = |file: &str| file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let parents = b.parents.iter().copied().take_while(|file| folder(file) == folder(b.file));
    std::iter::once(b.file).chain(parents).filter(|f| !f.is_empty()).map(str::to_owned).collect()
}

/// The files of the disks of a machine.
pub(in super::super) fn files(vm: &VirtualMachine) -> Vec<String> {
    vm.devices().disks().iter().flat_map(|(_, d)| chain(d)).collect()
}

/// The files that the disks of a machine write to.
pub(in super::super) fn newest_files(vm: &VirtualMachine) -> Vec<String> {
    vm.devices().disks().iter().filter_map(|(_, d)| d.backing()).map(|b| b.file.to_owned()).collect()
}

/// The files of the disks of a machine that a plan deletes.
pub(in super::super) fn deleted_files(vm: &VirtualMachine, prior: &M, plan: &M) -> Vec<String> {
    let stays = |u: &String| disks(plan).iter().any(|d| uuid(d).as_ref() == Some(u));
    let goes = |u: &String| own_uuids(prior).contains(u) && !stays(u);
    let devices = vm.devices();
    let all = devices.disks();
    all.iter().filter(|(_, d)| d.uuid().is_some_and(|u| goes(&u))).flat_map(|(_, d)| chain(d)).collect()
}

/// The UUIDs of the disks of a state that go with its machine.
pub(in super::super) fn own_uuids(state: &M) -> BTreeSet<String> {
    let own =
        disks(state).iter().filter(|d| !d.attach.get() && !d.keep_on_remove.get() && !is_foreign_block(d));
    own.filter_map(uuid).collect()
}

/// Whether one of the devices is a disk that a snapshot holds.
pub(in super::super) fn any_held(vm: &VirtualMachine, out: &Assembly) -> bool {
    let left: BTreeSet<i32> = out.devices.disks().iter().map(|(_, d)| d.key()).collect();
    !vm.snapshots().is_empty()
        && vm.devices().disks().iter().any(|(_, d)| !left.contains(&d.key()) && d.is_held())
}

/// The folder of a file, with its datastore.
fn folder_of(file: &DatastorePath) -> String {
    DatastorePath::new(file.datastore.clone(), file.folder()).to_string()
}

/// The folder that a disk is in.
fn place(disk: &Disk<'_>) -> Option<String> {
    disk.backing().and_then(|b| own_file(&b).parse().ok()).as_ref().map(folder_of)
}

/// Whether a machine has disks in other folders than its own, which may be the homes of others.
pub(in super::super) fn sits_elsewhere(vm: &VirtualMachine) -> bool {
    let home = vm.home().as_ref().map(folder_of);
    vm.devices().disks().iter().any(|(_, d)| place(d).is_some_and(|p| Some(p) != home))
}

/// The folders that are the homes of machines, from the files of their configurations.
pub(in super::super) fn homes<'a>(files: impl Iterator<Item = &'a DatastorePath>) -> BTreeSet<String> {
    files.map(folder_of).collect()
}

/// The foreign disks of a virtual machine.
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
            let sign = sign(&disk, home);
            let first_class = matches!(sign, Some(ForeignSign::FirstClassDisk(_)));
            let why = match sign {
                Some(ForeignSign::FirstClassDisk(id)) => format!("the first class disk {id}"),
                Some(ForeignSign::VolumeFolder(_)) => {
                    "a volume of Kubernetes or another manager of disks".into()
                }
                Some(ForeignSign::OtherFolder(_)) => "its file is in another folder".into(),
                _ => "not created by this resource".to_owned(),
            };
            Foreign {
                key: disk.key(),
                identity: disk.uuid().unwrap_or(file),
                words: format!("{}: {why}", named(at, &disk)),
                first_class,
            }
        })
        .collect()
}

/// A disk of a machine in words: `the disk at scsi:0:3 ([ds] web/web_1.vmdk)`.
pub(super) fn named(at: Option<Address>, disk: &Disk<'_>) -> String {
    let place = at.map_or_else(String::new, |a| format!(" at {a}"));
    let file = disk.backing().map(|b| own_file(&b).to_owned()).filter(|f| !f.is_empty());
    let file = file.map_or_else(String::new, |f| format!(" ({f})"));
    format!("the disk{place}{file}")
}

/// The foreign disks that were not reported yet, and those to remember: the existing ones, so that one that
/// comes back is reported again.
pub(in super::super) fn news(foreign: &[Foreign], reported: Option<&Json>) -> (Vec<Foreign>, Json) {
    let reported: BTreeSet<&str> =
        reported.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let new = foreign.iter().filter(|f| !reported.contains(f.identity.as_str())).cloned().collect();
    let all: BTreeSet<&str> = foreign.iter().map(|f| f.identity.as_str()).collect();
    (new, if all.is_empty() { Json::Null } else { json!(all) })
}

/// Detaches volumes: the disks that are not the machine's own, and have a sign that another manager of disks uses them.
/// Disks that were attached otherwise stay, by `vsphere_virtual_disk_attachment` for example.
pub(in super::super) fn detach_volumes(vm: &VirtualMachine, state: &M, own: &Own, out: &mut Assembly) {
    let home = vm.home();
    detach(vm, out, |disk| {
        let is_volume = matches!(
            sign(disk, home.as_ref()),
            Some(ForeignSign::FirstClassDisk(_) | ForeignSign::VolumeFolder(_))
        );
        (is_volume && !own.knows(disk, Some(state), home.as_ref())).then(|| M::DISK.into())
    });
}

/// Detaches the disks for which `at` gives the attribute that they belong to.
fn detach(vm: &VirtualMachine, out: &mut Assembly, at: impl Fn(&Disk<'_>) -> Option<AttributePath>) {
    let devices = vm.devices();
    for (_, disk) in devices.disks() {
        if let Some(at) = at(&disk)
            && let Some(device) = devices.by_key(disk.key())
        {
            out.remove(at, devices.describe(device), device.clone(), Files::Keep);
        }
    }
}

/// Before a machine is destroyed: detaches the disks that must be kept: foreign ones, attached ones, and those that are
/// declared to be kept. vSphere deletes the files of all disks that a machine has.
pub(in super::super) fn detach_before_destroy(vm: &VirtualMachine, state: &M, own: &Own, out: &mut Assembly) {
    let home = vm.home();
    detach(vm, out, |disk| {
        let block =
            disks(state).iter().enumerate().find(|(_, d)| uuid(d).is_some() && uuid(d) == disk.uuid());
        let stays = match block {
            Some((_, d)) => {
                d.attach.get()
                    || d.keep_on_remove.get()
                    || is_foreign_block(d)
                    || disk.first_class_id().is_some()
            }
            None => !own.knows(disk, Some(state), home.as_ref()),
        } || own.spares(disk).is_some();
        stays.then(|| block.map_or_else(|| M::DISK.into(), |(i, _)| M::DISK.index(i)))
    });
}
