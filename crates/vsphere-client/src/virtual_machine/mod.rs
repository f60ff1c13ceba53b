//! `VirtualMachine`: read, found, made, changed, moved, removed; powered, customized, waited for.

mod customization;
mod evc;
mod guest;
mod options;
pub mod place;
mod placement;
mod power;
mod question;
mod template;
mod watch;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{
    CloneVMTask, CreateSnapshotTask, CreateVMTask, DestroyTask, FindAllByUuid, InstantCloneTask,
    PromoteDisksTask, ReconfigVMTask, RegisterVMTask, RelocateVMTask, RemoveAllSnapshotsTask,
    RemoveSnapshotTask, RenameSnapshot, RevertToSnapshotTask, UnregisterVM, UpgradeVMTask,
};
use vim_types::types::{
    CustomFieldValueKind, GuestNicInfo, GuestStackInfo, HostFeatureMask, ObjectSpec, PropertyFilterSpec,
    SelectionSpec, TaskInfo, TraversalSpec, VirtualDeviceKind, VirtualMachineCloneSpec,
    VirtualMachineConfigInfo, VirtualMachineConfigSpec, VirtualMachineConnectionState,
    VirtualMachineFileLayoutEx, VirtualMachineInstantCloneSpec, VirtualMachineMovePriority,
    VirtualMachinePowerState, VirtualMachineQuestionInfo, VirtualMachineRelocateSpec,
    VirtualMachineSnapshotInfo, VirtualMachineSnapshotTree,
};
use vim_types::xml::{MoRef, Request};

use crate::client::Client;
use crate::core::property::{self, PropertySet as _};
use crate::device::{DatastorePath, Devices, HardwareVersion};
use crate::error::{Error, Result};
use crate::find::unescape;
use crate::task::made;

pub use customization::{CustomizationEvent, CustomizationOutcome, WhatHappened};
pub use evc::EvcMode;
pub use guest::{AddressFilter, GuestState, NotReady, SeenNic, WaitFor};
pub use options::ConfigOptionQuery;
pub use placement::{DiskPlacement, Recommendation};
pub use power::{Grace, Outcome, Shutdown, lacks_room};

crate::properties! {
    /// A virtual machine: all that a look at it needs, in one request that is shared with the readers of others.
    /// Every path is known to all servers from API 6.7 on, and readable for every virtual machine: `environmentBrowser`
    /// is not, vCenter answers `SystemError` for that of a template. What hardware a machine can have is asked of
    /// its compute resource; see [`VirtualMachines::environment_of`].
    pub struct VirtualMachine of "VirtualMachine" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it; nothing for what a vApp holds.
        pub parent: Option<MoRef> = "parent",
        /// The vApp that holds it.
        pub parent_vapp: Option<MoRef> = "parentVApp",
        /// What it is made of; nothing while the server cannot reach its files.
        pub config: Option<Box<VirtualMachineConfigInfo>> = "config",
        /// The host that it is on.
        pub host: Option<MoRef> = "runtime.host",
        /// Whether it is on.
        pub power_state: VirtualMachinePowerState = "runtime.powerState",
        /// Whether the server can reach it.
        pub connection_state: VirtualMachineConnectionState = "runtime.connectionState",
        /// A question that it waits with.
        pub question: Option<Box<VirtualMachineQuestionInfo>> = "runtime.question",
        /// What its EVC mode takes away.
        pub feature_masks: Vec<HostFeatureMask> = "runtime.featureMask",
        /// Whether differences of snapshots are left that no snapshot needs.
        pub consolidation_needed: Option<bool> = "runtime.consolidationNeeded",
        /// `guestToolsRunning`, `guestToolsNotRunning`, `guestToolsExecutingScripts`.
        pub tools_running: Option<String> = "guest.toolsRunningStatus",
        /// `guestToolsCurrent`, `guestToolsUnmanaged`, `guestToolsNotInstalled`, ….
        pub tools_version: Option<String> = "guest.toolsVersionStatus2",
        /// `running`, `notRunning`, `shuttingDown`, ….
        pub guest_state: Option<String> = "guest.guestState",
        /// The name that the guest gives itself.
        pub host_name: Option<String> = "guest.hostName",
        /// The address that the guest tools hold for the first.
        pub ip_address: Option<String> = "guest.ipAddress",
        /// The network interfaces as the guest sees them.
        pub guest_nics: Vec<GuestNicInfo> = "guest.net",
        /// The routes and name servers as the guest sees them.
        pub ip_stacks: Vec<GuestStackInfo> = "guest.ipStack",
        /// The resource pool; nothing for a template.
        pub resource_pool: Option<MoRef> = "resourcePool",
        /// The datastores that its files are on.
        pub datastores: Vec<MoRef> = "datastore",
        /// The networks that it is connected to.
        pub networks: Vec<MoRef> = "network",
        /// Its snapshots.
        pub snapshot: Option<Box<VirtualMachineSnapshotInfo>> = "snapshot",
        /// The values of custom fields.
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
        /// Its files and their sizes.
        pub layout: Option<Box<VirtualMachineFileLayoutEx>> = "layoutEx",
    }
}

impl VirtualMachine {
    /// Whether it is a template.
    pub fn is_template(&self) -> bool {
        self.config.as_deref().is_some_and(|c| c.template)
    }

    /// The instance UUID, which is unique in one vCenter; nothing while the configuration cannot be read.
    pub fn instance_uuid(&self) -> Option<&str> {
        self.config.as_deref()?.instance_uuid.as_deref().filter(|u| !u.is_empty())
    }

    /// The BIOS UUID, which copies of files share and which may be changed; nothing while the configuration
    /// cannot be read.
    pub fn bios_uuid(&self) -> Option<&str> {
        self.config.as_deref().map(|c| c.uuid.as_str()).filter(|u| !u.is_empty())
    }

    /// The devices.
    pub fn devices(&self) -> Devices {
        Devices::new(self.config.as_deref().map(|c| c.hardware.device.clone()).unwrap_or_default())
    }

    /// The hardware version; nothing while the configuration cannot be read.
    pub fn hardware_version(&self) -> Option<HardwareVersion> {
        self.config.as_deref()?.version.parse().ok()
    }

    /// The folder on the datastore that holds its configuration.
    pub fn home(&self) -> Option<DatastorePath> {
        self.config.as_deref()?.files.vm_path_name.as_deref()?.parse().ok()
    }

    /// All snapshots, parents before children, with the path of names that leads to each. The vSphere Client escapes the
    /// names that it gives.
    pub fn snapshots(&self) -> Vec<(String, &VirtualMachineSnapshotTree)> {
        fn walk<'a>(
            above: &str,
            trees: &'a [VirtualMachineSnapshotTree],
            found: &mut Vec<(String, &'a VirtualMachineSnapshotTree)>,
        ) {
            for tree in trees {
                let path = format!("{above}/{}", unescape(&tree.name));
                found.push((path.clone(), tree));
                walk(&path, &tree.child_snapshot_list, found);
            }
        }
        let mut found = Vec::new();
        walk("", self.snapshot.as_deref().map_or(&[], |s| &s.root_snapshot_list), &mut found);
        found
    }
}

/// How long to wait for something, who may end it, and who wants to know how far it is.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    pub(crate) timeout: Duration,
    pub(crate) cancel: &'a CancellationToken,
    pub(crate) progress: &'a (dyn Fn(i32) + Sync),
}

impl std::fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wait").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl<'a> Wait<'a> {
    /// Waits that long at most, or until it is cancelled.
    pub fn new(timeout: Duration, cancel: &'a CancellationToken) -> Self {
        Wait { timeout, cancel, progress: &|_| {} }
    }

    /// Reports the progress of tasks, in percent, whenever it changes.
    #[must_use]
    pub fn telling(mut self, progress: &'a (dyn Fn(i32) + Sync)) -> Self {
        self.progress = progress;
        self
    }

    /// Does `work` until it ends, is cancelled, or the time is over. `what` is it in a sentence, such as "the upload of a
    /// file".
    ///
    /// # Errors
    /// [`Error::Cancelled`], [`Error::Timeout`], and those of the work.
    pub(crate) async fn limit<T>(&self, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            result = work => result,
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            () = tokio::time::sleep(self.timeout) => {
                Err(Error::Timeout { what: what.to_owned(), after: self.timeout })
            }
        }
    }

    /// The same with another time.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// What a virtual machine is known by. The more there is, the surer it is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its reference when it was last seen.
    pub object: Option<MoRef>,
    /// Its instance UUID: vCenter keeps it unique, and it survives moves, renames and a new registration.
    pub instance_uuid: Option<String>,
    /// Its BIOS UUID: a guest sees it; copies of files share it, and power failures have changed it.
    pub bios_uuid: Option<String>,
    /// The folder and the name that it had.
    pub place: Option<(MoRef, String)>,
}

/// What was found of an [`Identity`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sighting {
    /// The virtual machine, wherever it is by now.
    Found {
        /// Its reference, which differs from the known one if it was registered again.
        object: MoRef,
        /// What it is.
        vm: Box<VirtualMachine>,
    },
    /// It was not found, but another virtual machine is in its place: neither may be used instead of the other, and none may be
    /// created there.
    Other {
        /// The other.
        object: MoRef,
        /// Its name.
        name: String,
        /// Its instance UUID.
        instance_uuid: Option<String>,
        /// In words: how it was come upon.
        why: String,
    },
    /// It does not exist, and its place is free.
    NotFound,
}

/// Virtual machines; from [`Client::virtual_machines`].
pub struct VirtualMachines<'a> {
    client: &'a Client,
}

impl Client {
    /// Virtual machines.
    pub fn virtual_machines(&self) -> VirtualMachines<'_> {
        VirtualMachines { client: self }
    }
}

fn same(a: Option<&str>, b: Option<&str>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b))
}

/// Properties of the virtual machines that have files on datastores.
fn beside(datastores: &[MoRef], paths: &[&str]) -> PropertyFilterSpec {
    let step = |ty: &str| {
        TraversalSpec {
            base: SelectionSpec { name: None },
            r#type: ty.to_owned(),
            path: "vm".to_owned(),
            skip: Some(false),
            select_set: Vec::new(),
        }
        .into()
    };
    PropertyFilterSpec {
        prop_set: vec![property::property_spec("VirtualMachine", paths)],
        object_set: datastores
            .iter()
            .map(|obj| ObjectSpec { obj: obj.clone(), skip: Some(true), select_set: vec![step("Datastore")] })
            .collect(),
        report_missing_objects_in_results: Some(true),
    }
}

/// What a virtual machine has on datastores.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbor {
    /// Its name.
    pub name: String,
    /// The file of its configuration.
    pub home: Option<DatastorePath>,
    /// The files of its disks, as `[datastore] folder/file.vmdk`; not those that they are differences to.
    pub disks: Vec<String>,
    /// The files that its disks are differences to: of its own snapshots, and of what it is a linked clone of.
    pub parents: Vec<String>,
}

crate::properties! {
    struct NeighborRead of "VirtualMachine" {
        name: String = "name",
        home: Option<String> = "summary.config.vmPathName",
        devices: Vec<VirtualDeviceKind> = "config.hardware.device",
    }
}

impl VirtualMachines<'_> {
    /// The virtual machines that have files on datastores; one that may not be read is left out.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn on_datastores(&self, datastores: &[MoRef]) -> Result<Vec<(MoRef, Neighbor)>> {
        let spec = beside(datastores, NeighborRead::PATHS);
        let parts = property::retrieve(self.client.core(), vec![spec]).await?;
        let read = |p: property::Part| {
            let read: NeighborRead = p.decode().ok()?;
            let home = read.home.and_then(|h| h.parse().ok());
            let devices = Devices::new(read.devices);
            let all = devices.disks();
            let backings: Vec<_> = all.iter().filter_map(|(_, d)| d.backing()).collect();
            let files = backings.iter().map(|b| b.file.to_owned());
            let neighbor = Neighbor {
                name: unescape(&read.name).into_owned(),
                home,
                disks: files.filter(|f| !f.is_empty()).collect(),
                parents: backings.iter().flat_map(|b| &b.parents).map(|f| (*f).to_owned()).collect(),
            };
            Some((p.object.clone(), neighbor))
        };
        Ok(parts.into_iter().filter_map(read).collect())
    }

    /// A virtual machine, read in one batch with others. Its place is noted for
    /// [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, vm: &MoRef) -> Result<VirtualMachine> {
        let epoch = self.client.find().epoch();
        let read: VirtualMachine = self.client.properties().get(vm).await?;
        self.client.find().note(epoch, vm, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// Finds a virtual machine again: where it was, which costs one read, and only if that is not it, by its
    /// instance UUID, then by its BIOS UUID, then by its place.
    ///
    /// The one at the reference is it when the instance UUID is the same, or was not known; or when the BIOS
    /// UUID is, since vCenter gives new instance UUIDs where it sees two; or when its configuration cannot be
    /// read, for then nothing speaks against it. By its BIOS UUID alone it is found only when there is one of
    /// that UUID and no instance UUID was known.
    ///
    /// # Errors
    /// Those of any call, except that the object does not exist. [`Error::Ambiguous`] when several have the BIOS UUID
    /// and nothing else is known.
    pub async fn find(&self, identity: &Identity) -> Result<Sighting> {
        let mut other = None;
        if let Some(object) = &identity.object {
            match self.get(object).await {
                Ok(vm) => {
                    if is_it(identity, &vm) {
                        return Ok(Sighting::Found { object: object.clone(), vm: Box::new(vm) });
                    }
                    other = Some((object.clone(), vm, format!("{object} is another one now")));
                }
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(uuid) = &identity.instance_uuid
            && let Some(object) = self.client.find().by_uuid(uuid, true, true, None).await?
            && let Some(found) = self.seen(object).await?
        {
            return Ok(found);
        }
        if let Some(uuid) = &identity.bios_uuid
            && other.is_none()
        {
            let mut found = self.all_by_uuid(uuid, false).await?;
            match (found.len(), &identity.instance_uuid) {
                (0, _) => {}
                (1, None) => {
                    if let Some(found) = self.seen(found.remove(0)).await? {
                        return Ok(found);
                    }
                }
                (_, None) => {
                    return Err(Error::Ambiguous {
                        kind: "VirtualMachine".to_owned(),
                        name: uuid.clone(),
                        candidates: found.iter().map(MoRef::to_string).collect(),
                    });
                }
                // A copy of its files, or a restored backup: the same to the guest, another to vCenter.
                (_, Some(_)) => {
                    let object = found.remove(0);
                    if let Some(Sighting::Found { object, vm }) = self.seen(object).await? {
                        other = Some((object, *vm, format!("it has the BIOS UUID {uuid}")));
                    }
                }
            }
        }
        if other.is_none()
            && let Some((folder, name)) = &identity.place
        {
            let child = match self.client.find().child(folder, name).await {
                Ok(child) => child,
                // The place does not exist without its folder.
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(error),
            };
            if let Some(object) = child.filter(|c| &*c.ty == "VirtualMachine")
                && let Some(Sighting::Found { object, vm }) = self.seen(object).await?
            {
                if identity.instance_uuid.is_none() && identity.bios_uuid.is_none() {
                    return Ok(Sighting::Found { object, vm });
                }
                other = Some((object, *vm, format!("it is called {name:?} in the same folder")));
            }
        }
        Ok(other.map_or(Sighting::NotFound, |(object, vm, why)| Sighting::Other {
            object,
            instance_uuid: vm.instance_uuid().map(str::to_owned),
            name: unescape(&vm.name).into_owned(),
            why,
        }))
    }

    async fn seen(&self, object: MoRef) -> Result<Option<Sighting>> {
        match self.get(&object).await {
            Ok(vm) => Ok(Some(Sighting::Found { object, vm: Box::new(vm) })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All virtual machines of that BIOS UUID, or with `instance` of that instance UUID.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn all_by_uuid(&self, uuid: &str, instance: bool) -> Result<Vec<MoRef>> {
        let request = FindAllByUuid {
            this: self.client.manager(&self.client.service_content().search_index, "SearchIndex")?,
            datacenter: None,
            uuid: uuid.to_owned(),
            vm_search: true,
            instance_uuid: Some(instance),
        };
        self.client.call(&request).await
    }

    /// Creates a virtual machine in a folder, and waits for it. Without a host the server picks one of the
    /// pool's. Needs `VirtualMachine.Inventory.Create` on the folder and `Resource.AssignVMToPool` on the pool.
    ///
    /// On a timeout, and when it is cancelled, the machine may exist all the same: look for its name in the
    /// folder.
    ///
    /// # Errors
    /// `DuplicateName`, `InvalidName`, `InvalidDeviceSpec` (see [`blamed_change`](crate::device::blamed_change))
    /// and other `VmConfigFault`s, `FileFault`s, `InsufficientResourcesFault`, and those of any call and task.
    pub async fn create(
        &self,
        folder: &MoRef,
        pool: &MoRef,
        host: Option<&MoRef>,
        config: VirtualMachineConfigSpec,
        wait: Wait<'_>,
    ) -> Result<MoRef> {
        let mut config = config;
        config.name = config.name.map(|name| crate::find::wire_name(&name));
        let request = CreateVMTask { this: folder.clone(), config, pool: pool.clone(), host: host.cloned() };
        let _writing = self.client.core().inventory.writing();
        made(self.run(&request, wait).await?)
    }

    /// Registers the virtual machine, or template, whose configuration is in a file (`[datastore] a/a.vmx`).
    /// Needs `VirtualMachine.Inventory.Register`.
    ///
    /// # Errors
    /// `AlreadyExists`, `NotFound`, `InvalidDatastore`, and those of any call and task.
    pub async fn register(
        &self,
        folder: &MoRef,
        path: &DatastorePath,
        name: Option<&str>,
        pool: Option<&MoRef>,
        as_template: bool,
        wait: Wait<'_>,
    ) -> Result<MoRef> {
        let request = RegisterVMTask {
            this: folder.clone(),
            path: path.to_string(),
            name: name.map(crate::find::wire_name),
            as_template,
            pool: pool.cloned(),
            host: None,
        };
        let _writing = self.client.core().inventory.writing();
        made(self.run(&request, wait).await?)
    }

    /// Clones a virtual machine, a template or a snapshot into a folder, and waits for it; the spec carries
    /// hardware, placement, customization and power-on, so that this one call does all of it. Needs
    /// `VirtualMachine.Provisioning.Clone` or `DeployTemplate`, and what creation needs.
    ///
    /// On a timeout, and when it is cancelled, the machine may exist all the same: look for its name in the
    /// folder.
    ///
    /// # Errors
    /// As [`create`](VirtualMachines::create); `CustomizationFault`s, `MigrationFault`s.
    pub async fn clone_to(
        &self,
        source: &MoRef,
        folder: &MoRef,
        name: &str,
        spec: VirtualMachineCloneSpec,
        wait: Wait<'_>,
    ) -> Result<MoRef> {
        let name = crate::find::wire_name(name);
        let request = CloneVMTask { this: source.clone(), folder: folder.clone(), name, spec };
        let _writing = self.client.core().inventory.writing();
        made(self.run(&request, wait).await?)
    }

    /// Creates an instant clone of a virtual machine that is powered on, and waits for it: the clone runs on the same host,
    /// shares the memory of the source, and has delta disks. Of its location only the folder, the resource pool, the datastore
    /// and edits of network interfaces are supported. Needs `VirtualMachine.Provisioning.Clone`,
    /// `VirtualMachine.Interact.PowerOn`, `VirtualMachine.Inventory.CreateFromExisting`, `Datastore.AllocateSpace` and
    /// `Resource.AssignVMToPool`.
    ///
    /// # Errors
    /// `InvalidState`, `InvalidDatastore`, `DisallowedMigrationDeviceAttached`, and those of any call and task.
    pub async fn instant_clone(
        &self,
        source: &MoRef,
        spec: VirtualMachineInstantCloneSpec,
        wait: Wait<'_>,
    ) -> Result<MoRef> {
        let spec = VirtualMachineInstantCloneSpec { name: crate::find::wire_name(&spec.name), ..spec };
        let _writing = self.client.core().inventory.writing();
        made(self.run(&InstantCloneTask { this: source.clone(), spec }, wait).await?)
    }

    /// Changes a virtual machine, and waits for it. All of the spec happens, or nothing. With `changeVersion`
    /// it happens only if no other client has changed it in between. Needs the privileges `VirtualMachine.Config.*` of
    /// what changes. A guest that holds its CD-ROM drive is overridden.
    ///
    /// # Errors
    /// [`Error::Question`] when the machine waits for an answer, `ConcurrentAccess`, `InvalidPowerState`, `InvalidDeviceSpec` (see
    /// [`blamed_change`](crate::device::blamed_change)) and other `VmConfigFault`s, and those of any call and
    /// task.
    pub async fn reconfigure(
        &self,
        vm: &MoRef,
        spec: VirtualMachineConfigSpec,
        wait: Wait<'_>,
    ) -> Result<()> {
        let mut spec = spec;
        spec.name = spec.name.map(|name| crate::find::wire_name(&name));
        let _writing = spec.name.as_ref().map(|_| self.client.core().rearranging());
        self.attended(vm, &ReconfigVMTask { this: vm.clone(), spec }, wait).await.map(drop)
    }

    /// Moves a virtual machine, its disks, or both, to another host, pool, folder or datastore, and waits for
    /// it. Disks that the spec does not name follow the machine's datastore: name each one that is to stay.
    /// Needs `Resource.ColdMigrate` or `HotMigrate`, `Resource.AssignVMToPool`, `Datastore.AllocateSpace`.
    ///
    /// # Errors
    /// `MigrationFault`s, `InvalidDatastore`, `FileFault`s, and those of any call and task.
    pub async fn relocate(
        &self,
        vm: &MoRef,
        spec: VirtualMachineRelocateSpec,
        priority: Option<VirtualMachineMovePriority>,
        wait: Wait<'_>,
    ) -> Result<()> {
        let _writing = self.client.core().rearranging();
        self.run(&RelocateVMTask { this: vm.clone(), spec, priority }, wait).await.map(drop)
    }

    /// Destroys a virtual machine with its files, all disks that are attached included, and waits for it. It
    /// must be off. Needs `VirtualMachine.Inventory.Delete`.
    ///
    /// # Errors
    /// `InvalidPowerState`, `ManagedObjectNotFound`, and those of any call and task.
    pub async fn destroy(&self, vm: &MoRef, wait: Wait<'_>) -> Result<()> {
        let _writing = self.client.core().rearranging();
        self.run(&DestroyTask { this: vm.clone() }, wait).await.map(drop)
    }

    /// Takes a virtual machine off the inventory; its files stay. It must be off. Needs
    /// `VirtualMachine.Inventory.Unregister`.
    ///
    /// # Errors
    /// `InvalidPowerState`, and those of any call.
    pub async fn unregister(&self, vm: &MoRef) -> Result<()> {
        let _writing = self.client.core().rearranging();
        self.client.call(&UnregisterVM { this: vm.clone() }).await
    }

    /// Upgrades the hardware of a virtual machine that is off, to a version or to the newest that its host
    /// has; there is no way back. Needs `VirtualMachine.Config.UpgradeVirtualHardware`.
    ///
    /// # Errors
    /// `AlreadyUpgraded`, `InvalidPowerState`, `NotSupported`, and those of any call and task.
    pub async fn upgrade_hardware(
        &self,
        vm: &MoRef,
        version: Option<HardwareVersion>,
        wait: Wait<'_>,
    ) -> Result<()> {
        let request = UpgradeVMTask { this: vm.clone(), version: version.map(|v| v.to_string()) };
        self.run(&request, wait).await.map(drop)
    }

    /// Makes all disks of a virtual machine independent of those that it shares with others, such as the disks of a linked
    /// clone: what is shared is copied into its folder. Needs `VirtualMachine.Provisioning.PromoteDisks`.
    ///
    /// # Errors
    /// `InvalidState`, `InvalidPowerState`, and those of any call and task.
    pub async fn promote_disks(&self, vm: &MoRef, wait: Wait<'_>) -> Result<()> {
        let request = PromoteDisksTask { this: vm.clone(), unlink: true, disks: vec![] };
        self.run(&request, wait).await.map(drop)
    }

    /// Takes a snapshot, with the memory of a machine that is on, or with its file systems quiesced. Needs
    /// `VirtualMachine.State.CreateSnapshot`.
    ///
    /// # Errors
    /// `SnapshotFault`s, `InvalidName`, `NotSupported`, and those of any call and task.
    pub async fn create_snapshot(
        &self,
        vm: &MoRef,
        name: &str,
        description: &str,
        memory: bool,
        quiesce: bool,
        wait: Wait<'_>,
    ) -> Result<MoRef> {
        let request = CreateSnapshotTask {
            this: vm.clone(),
            name: crate::find::new_name(name),
            description: Some(description.to_owned()),
            memory,
            quiesce,
        };
        made(self.run(&request, wait).await?)
    }

    /// Renames a snapshot, changes its description, or both. Needs `VirtualMachine.State.RenameSnapshot`.
    ///
    /// # Errors
    /// `InvalidName`, `NotSupported`, and those of any call.
    pub async fn edit_snapshot(
        &self,
        snapshot: &MoRef,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<()> {
        let request = RenameSnapshot {
            this: snapshot.clone(),
            name: name.map(crate::find::new_name),
            description: description.map(str::to_owned),
        };
        self.client.call(&request).await
    }

    /// Goes back to a snapshot; what has happened since is lost. Needs
    /// `VirtualMachine.State.RevertToSnapshot`.
    ///
    /// # Errors
    /// `SnapshotFault`s, and those of any call and task.
    pub async fn revert_to_snapshot(
        &self,
        snapshot: &MoRef,
        suppress_power_on: bool,
        wait: Wait<'_>,
    ) -> Result<()> {
        let request = RevertToSnapshotTask {
            this: snapshot.clone(),
            host: None,
            suppress_power_on: Some(suppress_power_on),
        };
        self.run(&request, wait).await.map(drop)
    }

    /// Removes a snapshot, and with `children` all that came after it; `consolidate` merges their files. Needs
    /// `VirtualMachine.State.RemoveSnapshot`.
    ///
    /// # Errors
    /// Those of any call and task.
    pub async fn remove_snapshot(
        &self,
        snapshot: &MoRef,
        children: bool,
        consolidate: bool,
        wait: Wait<'_>,
    ) -> Result<()> {
        let request = RemoveSnapshotTask {
            this: snapshot.clone(),
            remove_children: children,
            consolidate: Some(consolidate),
        };
        self.run(&request, wait).await.map(drop)
    }

    /// Removes all snapshots of a virtual machine. Needs `VirtualMachine.State.RemoveSnapshot`.
    ///
    /// # Errors
    /// Those of any call and task.
    pub async fn remove_all_snapshots(&self, vm: &MoRef, consolidate: bool, wait: Wait<'_>) -> Result<()> {
        let request =
            RemoveAllSnapshotsTask { this: vm.clone(), consolidate: Some(consolidate), ..Default::default() };
        self.run(&request, wait).await.map(drop)
    }

    /// Calls a method that starts a task, and waits for the task; a busy machine is tried again.
    async fn run<R: Request<Response = MoRef> + Sync>(
        &self,
        request: &R,
        wait: Wait<'_>,
    ) -> Result<TaskInfo> {
        self.client.tasks().run_with(request, wait.timeout, wait.cancel, wait.progress).await
    }
}

/// Whether the virtual machine at the reference is the one that was meant.
fn is_it(identity: &Identity, vm: &VirtualMachine) -> bool {
    let (instance, bios) = (identity.instance_uuid.as_deref(), identity.bios_uuid.as_deref());
    vm.config.is_none()
        || (instance.is_none() && bios.is_none())
        || same(instance, vm.instance_uuid())
        || same(bios, vm.bios_uuid())
        // A server that returns neither (its inventory is still loading) does not contradict it.
        || (vm.instance_uuid().is_none() && vm.bios_uuid().is_none())
        // Nothing but the BIOS UUID was known, and that is a thing that changes.
        || instance.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vm(instance: &str, bios: &str) -> VirtualMachine {
        let config = VirtualMachineConfigInfo {
            uuid: bios.to_owned(),
            instance_uuid: Some(instance.to_owned()),
            ..Default::default()
        };
        VirtualMachine { config: Some(Box::new(config)), ..Default::default() }
    }

    #[test]
    fn one_of_the_uuids_is_enough_to_be_the_same() {
        let identity = |instance: &str, bios: &str| Identity {
            instance_uuid: Some(instance.to_owned()).filter(|s| !s.is_empty()),
            bios_uuid: Some(bios.to_owned()).filter(|s| !s.is_empty()),
            ..Default::default()
        };
        for (known, found, expected) in [
            (identity("i", "b"), vm("i", "b"), true),
            (identity("i", "b"), vm("I", "other"), true),
            (identity("i", "b"), vm("other", "B"), true),
            (identity("i", "b"), vm("other", "other"), false),
            (identity("i", ""), vm("other", "b"), false),
            (identity("", "b"), vm("other", "other"), true),
            (identity("", ""), vm("other", "other"), true),
            (identity("i", "b"), VirtualMachine::default(), true),
            (identity("i", "b"), vm("", ""), true),
        ] {
            assert_eq!(is_it(&known, &found), expected, "{known:?} {found:?}");
        }
    }

    #[test]
    fn snapshots_have_paths() {
        let tree = |name: &str, children| VirtualMachineSnapshotTree {
            name: name.to_owned(),
            child_snapshot_list: children,
            ..Default::default()
        };
        let info = VirtualMachineSnapshotInfo {
            root_snapshot_list: vec![
                tree("a", vec![tree("b", vec![]), tree("c", vec![])]),
                tree("d", vec![]),
            ],
            ..Default::default()
        };
        let vm = VirtualMachine { snapshot: Some(Box::new(info)), ..Default::default() };
        let paths: Vec<String> = vm.snapshots().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/a", "/a/b", "/a/c", "/d"]);
    }
}
