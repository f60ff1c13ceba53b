//! `Datastore`, and `HostDatastoreSystem`, which mounts and formats datastores on a host.

use vim_types::methods::{
    CreateNasDatastore, CreateVmfsDatastore, ExpandVmfsDatastore, ExtendVmfsDatastore,
    QueryAvailableDisksForVmfs, QueryUnresolvedVmfsVolumes, QueryVmfsDatastoreCreateOptions,
    QueryVmfsDatastoreExpandOptions, QueryVmfsDatastoreExtendOptions, RemoveDatastore,
};
use vim_types::types::{
    CustomFieldValueKind, DatastoreHostMount, DatastoreInfoKind, DatastoreSummary, HostNasVolume,
    HostNasVolumeSpec, HostScsiDisk, HostUnresolvedVmfsVolume, HostVmfsVolume, VmfsDatastoreBaseOptionKind,
    VmfsDatastoreExpandSpec, VmfsDatastoreOption, VmfsDatastoreSpecKind,
};
use vim_types::xml::MoRef;

use crate::client::Client;
use crate::core::busy::RetryBudget;
use crate::error::{Error, FaultKind, Result};
use crate::task::pause;
use crate::virtual_machine::Wait;

/// How often a look is taken whether a datastore that was deleted is still in the inventory.
const DELETED: std::time::Duration = std::time::Duration::from_secs(1);

crate::properties! {
    /// A datastore.
    pub struct Datastore of "Datastore" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder or datastore cluster that holds it.
        pub parent: Option<MoRef> = "parent",
        /// Capacity and free space (bytes), URL, type, maintenance mode.
        pub summary: DatastoreSummary = "summary",
    }
}

crate::properties! {
    /// A datastore with its volume, and the hosts that mount it.
    pub struct Mounted of "Datastore" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder or datastore cluster that holds it.
        pub parent: Option<MoRef> = "parent",
        /// Capacity and free space (bytes), URL, type, maintenance mode.
        pub summary: DatastoreSummary = "summary",
        /// The volume, by its type.
        pub info: DatastoreInfoKind = "info",
        /// The hosts that mount it.
        pub hosts: Vec<DatastoreHostMount> = "host",
        /// The values of custom fields (see [`custom_fields::texts`](crate::custom_fields::texts)).
        pub custom_values: Vec<CustomFieldValueKind> = "customValue",
    }
}

impl Mounted {
    /// The NFS volume; nothing for a datastore of another type.
    pub fn nas(&self) -> Option<&HostNasVolume> {
        match &self.info {
            DatastoreInfoKind::NasDatastoreInfo(info) => info.nas.as_deref(),
            _ => None,
        }
    }

    /// The VMFS volume; nothing for a datastore of another type.
    pub fn vmfs(&self) -> Option<&HostVmfsVolume> {
        match &self.info {
            DatastoreInfoKind::VmfsDatastoreInfo(info) => info.vmfs.as_deref(),
            _ => None,
        }
    }
}

crate::properties! {
    struct Users of "Datastore" {
        machines: Vec<MoRef> = "vm",
    }
}

crate::properties! {
    struct Managers of "HostSystem" {
        datastores: Option<MoRef> = "configManager.datastoreSystem",
    }
}

/// Datastores; from [`Client::datastores`].
pub struct Datastores<'a> {
    client: &'a Client,
}

impl Client {
    /// Datastores.
    pub fn datastores(&self) -> Datastores<'_> {
        Datastores { client: self }
    }
}

impl Datastores<'_> {
    /// A datastore with its volume and its hosts, read in one batch with others. Its place is noted for
    /// [`path_of`](crate::Find::path_of).
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn get(&self, datastore: &MoRef) -> Result<Mounted> {
        let epoch = self.client.find().epoch();
        let read: Mounted = self.client.properties().get(datastore).await?;
        self.client.find().note(epoch, datastore, &read.name, read.parent.as_ref());
        Ok(read)
    }

    /// The virtual machines and templates with files on a datastore.
    ///
    /// # Errors
    /// `ManagedObjectNotFound`, and those of any call.
    pub async fn machines(&self, datastore: &MoRef) -> Result<Vec<MoRef>> {
        Ok(self.client.properties().get::<Users>(datastore).await?.machines)
    }

    /// The datastore system of a host. A host that is not connected may have none.
    async fn system(&self, host: &MoRef) -> Result<MoRef> {
        let managers: Managers = self.client.properties().get(host).await?;
        managers.datastores.ok_or_else(|| Error::Unreported { host: host.clone(), what: "datastore system" })
    }

    /// Mounts an NFS export on a host, and returns its datastore: an existing one, if another host of the datacenter
    /// mounts the same export. Slashes and the like in the name are escaped. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `DuplicateName`, `AlreadyExists` when the host mounts the export, `HostConfigFault` and its subtypes, and those of
    /// any call.
    pub async fn mount_nas(&self, host: &MoRef, mut spec: HostNasVolumeSpec) -> Result<MoRef> {
        // It is the name of the datastore.
        spec.local_path = crate::find::wire_name(&spec.local_path);
        let request = CreateNasDatastore { this: self.system(host).await?, spec };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// Unmounts a datastore from a host. A datastore that no host mounts is deleted. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `NotFound`, `ResourceInUse` while virtual machines on the host use it, `HostConfigFault`, and those of any call.
    pub async fn unmount(&self, host: &MoRef, datastore: &MoRef) -> Result<()> {
        let request = RemoveDatastore { this: self.system(host).await?, datastore: datastore.clone() };
        let _writing = self.client.core().inventory.writing();
        self.client.call(&request).await
    }

    /// The disks of a host that can have a VMFS datastore: not those that one has, those of the host's system, and raw
    /// device mappings. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `HostConfigFault`, and those of any call.
    pub async fn available_disks(&self, host: &MoRef) -> Result<Vec<HostScsiDisk>> {
        let request = QueryAvailableDisksForVmfs { this: self.system(host).await?, datastore: None };
        self.client.call(&request).await
    }

    /// Copies of VMFS volumes on the disks of a host, which are not mounted.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn unmounted_volumes(&self, host: &MoRef) -> Result<Vec<HostUnresolvedVmfsVolume>> {
        self.client.call(&QueryUnresolvedVmfsVolumes { this: self.system(host).await? }).await
    }

    /// Formats a whole disk, whatever is on it, and returns the new datastore; nothing where the host does not offer the
    /// whole disk. Slashes and the like in the name are escaped. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `DuplicateName`, `NotFound` for the disk, `HostConfigFault` and its subtypes, and those of any call.
    pub async fn create_vmfs(&self, host: &MoRef, disk: &HostScsiDisk, name: &str) -> Result<Option<MoRef>> {
        let this = self.system(host).await?;
        let query = QueryVmfsDatastoreCreateOptions {
            this: this.clone(),
            device_path: disk.device_path.clone(),
            vmfs_major_version: None,
        };
        let options = self.client.call(&query).await?;
        let Some(VmfsDatastoreSpecKind::VmfsDatastoreCreateSpec(mut spec)) = whole_disk(options) else {
            return Ok(None);
        };
        spec.vmfs.volume_name = crate::find::wire_name(name);
        let _writing = self.client.core().inventory.writing();
        self.client.call(&CreateVmfsDatastore { this, spec: *spec }).await.map(Some)
    }

    /// Adds a whole disk to a VMFS datastore, whatever is on it; false where the host does not offer the whole disk. Needs
    /// `Host.Config.Storage`.
    ///
    /// # Errors
    /// `NotFound` for the disk, `HostConfigFault` and its subtypes, and those of any call.
    pub async fn extend_vmfs(&self, host: &MoRef, datastore: &MoRef, disk: &HostScsiDisk) -> Result<bool> {
        let this = self.system(host).await?;
        let query = QueryVmfsDatastoreExtendOptions {
            this: this.clone(),
            datastore: datastore.clone(),
            device_path: disk.device_path.clone(),
            // Options to grow existing extents are not asked for.
            suppress_expand_candidates: Some(true),
        };
        let options = self.client.call(&query).await?;
        let Some(VmfsDatastoreSpecKind::VmfsDatastoreExtendSpec(spec)) = whole_disk(options) else {
            return Ok(false);
        };
        let request = ExtendVmfsDatastore { this, datastore: datastore.clone(), spec: *spec };
        self.client.call(&request).await.map(|_| true)
    }

    /// How a VMFS datastore can grow on disks that have become larger, one way for each extent. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `NotFound`, `HostConfigFault`, and those of any call.
    pub async fn expansions(&self, host: &MoRef, datastore: &MoRef) -> Result<Vec<VmfsDatastoreExpandSpec>> {
        let this = self.system(host).await?;
        let options =
            self.client.call(&QueryVmfsDatastoreExpandOptions { this, datastore: datastore.clone() }).await?;
        let mut out: Vec<VmfsDatastoreExpandSpec> = Vec::new();
        for option in options {
            if let VmfsDatastoreSpecKind::VmfsDatastoreExpandSpec(spec) = option.spec
                && !out.iter().any(|s| s.extent == spec.extent)
            {
                out.push(*spec);
            }
        }
        Ok(out)
    }

    /// Expands an extent of a VMFS datastore, as [`expansions`](Datastores::expansions) has it. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `NotFound`, `HostConfigFault` and its subtypes, and those of any call.
    pub async fn expand_vmfs(
        &self,
        host: &MoRef,
        datastore: &MoRef,
        spec: VmfsDatastoreExpandSpec,
    ) -> Result<()> {
        let request =
            ExpandVmfsDatastore { this: self.system(host).await?, datastore: datastore.clone(), spec };
        self.client.call(&request).await.map(drop)
    }

    /// Deletes a VMFS datastore with all its files, and waits until it has left the inventory. While something uses it, this
    /// is tried again: hosts that have mounted it a moment ago may still be busy with it. Needs `Host.Config.Storage`.
    ///
    /// # Errors
    /// `ResourceInUse` when it was in use until the end, `HostConfigFault`, [`Error::Timeout`], [`Error::Cancelled`], and
    /// those of any call.
    pub async fn delete_vmfs(&self, host: &MoRef, datastore: &MoRef, wait: &Wait<'_>) -> Result<()> {
        let mut retry = RetryBudget::new(wait.timeout);
        while let Err(error) = self.unmount(host, datastore).await {
            let in_use = matches!(error.fault_kind(), Some(FaultKind::ResourceInUse { .. }));
            retry.after_if(in_use, error, wait.cancel).await?;
        }
        let deleted = async {
            loop {
                match self.client.properties().get::<Users>(datastore).await {
                    Err(error) if error.is_not_found() => return Ok(()),
                    read => read.map(drop)?,
                }
                pause(DELETED).await;
            }
        };
        wait.within(retry.left()).limit(&format!("the deletion of {datastore}"), deleted).await
    }
}

/// The option that takes a disk as a whole.
fn whole_disk(options: Vec<VmfsDatastoreOption>) -> Option<VmfsDatastoreSpecKind> {
    let whole = |o: &VmfsDatastoreOption| {
        matches!(o.info, VmfsDatastoreBaseOptionKind::VmfsDatastoreAllExtentOption(_))
    };
    options.into_iter().find(whole).map(|o| o.spec)
}
