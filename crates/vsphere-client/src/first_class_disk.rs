//! `VcenterVStorageObjectManager`: first class disks, which have an identity of their own.

use futures_util::{StreamExt as _, TryStreamExt as _};
use vim_types::methods::{
    ClearVStorageObjectControlFlags, CreateDiskTask, DeleteSnapshotTask, DeleteVStorageObjectTask,
    ExtendDiskTask, ListVStorageObject, RegisterDisk, RenameVStorageObject, RetrieveSnapshotInfo,
    RetrieveVStorageObject, RevertVStorageObjectTask, SetVStorageObjectControlFlags,
    UpdateVStorageObjectPolicyTask, VStorageObjectCreateSnapshotTask,
};
use vim_types::types::{
    BaseConfigInfoBackingInfoKind as Backing, ID, VStorageObjectConfigInfo, VirtualMachineDefinedProfileSpec,
    VirtualMachineProfileSpecKind, VslmCreateSpec, VslmCreateSpecBackingSpec,
    VslmCreateSpecDiskFileBackingSpec,
};
use vim_types::xml::{Any, MoRef};

use crate::client::Client;
use crate::device::DatastorePath;
use crate::error::{Error, Result};
use crate::file::Place;
use crate::virtual_disk::Provisioning;
use crate::virtual_machine::Wait;

/// How many disks are read at a time: there is no call that reads several.
const READS: usize = 8;
/// The flag that keeps a disk when the virtual machine is deleted that it is attached to.
const KEEP: &str = "keepAfterDeleteVm";

/// A first class disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstClassDisk {
    /// Its id, a UUID, which it has wherever it is.
    pub id: String,
    /// The name, which others may have too.
    pub name: String,
    /// The size in MiB.
    pub capacity_mib: i64,
    /// The path of the disk, with its datastore; nothing when the server does not tell.
    pub path: Option<String>,
    /// How its space is taken; nothing when the server does not tell.
    pub provisioning: Option<Provisioning>,
    /// Whether it is kept when the virtual machine is deleted that it is attached to.
    pub keep_after_delete_vm: bool,
    /// The virtual machines that it is attached to, as the server names them.
    pub consumers: Vec<String>,
    /// The time when it was made (RFC 3339).
    pub created: String,
}

/// A snapshot of a first class disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The ID of the snapshot, a UUID.
    pub id: String,
    /// The description, which other snapshots of the disk may have too.
    pub description: String,
    /// The time when the snapshot was created (RFC 3339).
    pub created: String,
}

/// What a new disk is like.
#[derive(Clone, Copy, Debug)]
pub struct NewDisk<'a> {
    /// The datastore.
    pub datastore: &'a MoRef,
    /// The name.
    pub name: &'a str,
    /// The size in MiB.
    pub capacity_mib: i64,
    /// How its space is taken; left out, the server decides.
    pub provisioning: Option<Provisioning>,
    /// The id of a storage policy.
    pub policy: Option<&'a str>,
    /// Whether it is kept when the virtual machine is deleted that it is attached to.
    pub keep_after_delete_vm: bool,
}

/// A first class disk, and the datastore that it is on.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The datastore.
    pub datastore: &'a MoRef,
    /// The id of the disk.
    pub id: &'a str,
}

impl At<'_> {
    fn disk(&self) -> ID {
        ID { id: self.id.to_owned() }
    }
}

/// First class disks; from [`Client::first_class_disks`].
pub struct FirstClassDisks<'a> {
    client: &'a Client,
}

impl Client {
    /// First class disks.
    pub fn first_class_disks(&self) -> FirstClassDisks<'_> {
        FirstClassDisks { client: self }
    }
}

impl FirstClassDisks<'_> {
    /// Creates a disk, and returns its id. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `InvalidDatastore`, `NoDiskSpace`, and those of any call and task.
    pub async fn create(&self, new: NewDisk<'_>, wait: Wait<'_>) -> Result<String> {
        let backing = VslmCreateSpecDiskFileBackingSpec {
            base: VslmCreateSpecBackingSpec { datastore: new.datastore.clone(), ..Default::default() },
            provisioning_type: new.provisioning.map(|p| wire(p).to_owned()),
        };
        let spec = VslmCreateSpec {
            name: new.name.to_owned(),
            keep_after_delete_vm: Some(new.keep_after_delete_vm),
            backing_spec: backing.into(),
            capacity_in_mb: new.capacity_mib,
            profile: profiles(new.policy),
            ..Default::default()
        };
        let request = CreateDiskTask { this: self.manager()?, spec };
        let info = self.client.tasks().run(&request, wait.timeout, wait.cancel).await?;
        let id = match &info.result {
            Some(Any::Dyn(made)) => {
                made.children("config").flat_map(|c| c.children("id")).find_map(|id| id.text_of("id"))
            }
            _ => None,
        };
        id.map(str::to_owned).ok_or_else(|| self.without_id("CreateDisk_Task"))
    }

    /// Creates a snapshot of a disk and returns its ID. Requires `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `NotFound`, `InvalidState`, and those of any call and task.
    pub async fn create_snapshot(&self, at: At<'_>, description: &str, wait: Wait<'_>) -> Result<String> {
        let request = VStorageObjectCreateSnapshotTask {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
            description: description.to_owned(),
        };
        let info = self.client.tasks().run(&request, wait.timeout, wait.cancel).await?;
        let id = match &info.result {
            Some(Any::Dyn(made)) => made.text_of("id"),
            _ => None,
        };
        id.map(str::to_owned).ok_or_else(|| self.without_id("VStorageObjectCreateSnapshot_Task"))
    }

    /// Returns the snapshots of a disk in the order in which they were created, or `None` if the disk does not exist on the
    /// datastore.
    ///
    /// # Errors
    /// `InvalidDatastore`, and those of any call.
    pub async fn snapshots(&self, at: At<'_>) -> Result<Option<Vec<Snapshot>>> {
        let request =
            RetrieveSnapshotInfo { this: self.manager()?, id: at.disk(), datastore: at.datastore.clone() };
        let found = match self.client.call(&request).await {
            Err(error) if error.is_not_found() => return Ok(None),
            found => found?.snapshots,
        };
        let snapshots = found.into_iter().filter_map(|s| {
            Some(Snapshot { id: s.id?.id, description: s.description, created: s.create_time })
        });
        Ok(Some(snapshots.collect()))
    }

    /// Deletes a snapshot of a disk; one that does not exist is not an error. Requires `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `InvalidState`, and those of any call and task.
    pub async fn delete_snapshot(&self, at: At<'_>, snapshot: &str, wait: Wait<'_>) -> Result<()> {
        let request = DeleteSnapshotTask {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
            snapshot_id: ID { id: snapshot.to_owned() },
        };
        match self.client.tasks().run(&request, wait.timeout, wait.cancel).await {
            Err(error) if error.is_not_found() => Ok(()),
            done => done.map(drop),
        }
    }

    /// Reverts a disk to a snapshot: data that was written after it is lost. Requires `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `NotFound`, `InvalidState` (a virtual machine that is powered on uses the disk), and those of any call and task.
    pub async fn revert(&self, at: At<'_>, snapshot: &str, wait: Wait<'_>) -> Result<()> {
        let request = RevertVStorageObjectTask {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
            snapshot_id: ID { id: snapshot.to_owned() },
        };
        self.client.tasks().run(&request, wait.timeout, wait.cancel).await.map(drop)
    }

    /// Makes a disk on a datastore a first class disk. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `AlreadyExists` (it is one), `FileFault`, `InvalidArgument`, and those of any call.
    pub async fn register(&self, from: Place<'_>, name: &str) -> Result<FirstClassDisk> {
        let url = crate::file::url_of(self.client, from).await?;
        let request = RegisterDisk {
            this: self.manager()?,
            path: url.to_string(),
            name: Some(name.to_owned()),
            ..Default::default()
        };
        Ok(disk(self.client.call(&request).await?.config))
    }

    /// A disk; nothing when there is none of that id on the datastore.
    ///
    /// # Errors
    /// `InvalidDatastore`, and those of any call.
    pub async fn get(&self, at: At<'_>) -> Result<Option<FirstClassDisk>> {
        let request = RetrieveVStorageObject {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
            ..Default::default()
        };
        match self.client.call(&request).await {
            Ok(found) => Ok(Some(disk(found.config))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All disks on a datastore, by name and id.
    ///
    /// # Errors
    /// `InvalidDatastore`, and those of any call.
    pub async fn list(&self, datastore: &MoRef) -> Result<Vec<FirstClassDisk>> {
        let request = ListVStorageObject { this: self.manager()?, datastore: datastore.clone() };
        let ids: Vec<String> = self.client.call(&request).await?.into_iter().map(|id| id.id).collect();
        let read = |id: String| async move { self.get(At { datastore, id: &id }).await };
        let found: Vec<Option<FirstClassDisk>> =
            futures_util::stream::iter(ids).map(read).buffered(READS).try_collect().await?;
        let mut found: Vec<FirstClassDisk> = found.into_iter().flatten().collect();
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(found)
    }

    /// Makes a disk larger. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `InvalidState` (it has snapshots, or is in use), `NoDiskSpace`, and those of any call and task.
    pub async fn extend(&self, at: At<'_>, capacity_mib: i64, wait: Wait<'_>) -> Result<()> {
        let request = ExtendDiskTask {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
            new_capacity_in_mb: capacity_mib,
        };
        self.client.tasks().run(&request, wait.timeout, wait.cancel).await.map(drop)
    }

    /// Renames a disk; its file keeps its name. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `NotFound`, and those of any call.
    pub async fn rename(&self, at: At<'_>, name: &str) -> Result<()> {
        let request = RenameVStorageObject {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
            name: name.to_owned(),
        };
        self.client.call(&request).await
    }

    /// Whether the disk is kept when the virtual machine is deleted that it is attached to. Needs
    /// `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `NotFound`, `InvalidState`, and those of any call.
    pub async fn set_keep_after_delete_vm(&self, at: At<'_>, keep: bool) -> Result<()> {
        let (this, id, datastore) = (self.manager()?, at.disk(), at.datastore.clone());
        let control_flags = vec![KEEP.to_owned()];
        if keep {
            self.client.call(&SetVStorageObjectControlFlags { this, id, datastore, control_flags }).await
        } else {
            self.client.call(&ClearVStorageObjectControlFlags { this, id, datastore, control_flags }).await
        }
    }

    /// Assigns another storage policy to a disk. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `NotFound`, and those of any call and task.
    pub async fn set_policy(&self, at: At<'_>, policy: &str, wait: Wait<'_>) -> Result<()> {
        let request = UpdateVStorageObjectPolicyTask {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
            profile: profiles(Some(policy)),
        };
        self.client.tasks().run(&request, wait.timeout, wait.cancel).await.map(drop)
    }

    /// Deletes a disk with its files; one that does not exist is not an error. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `InvalidState` (a virtual machine has it), and those of any call and task.
    pub async fn delete(&self, at: At<'_>, wait: Wait<'_>) -> Result<()> {
        let request = DeleteVStorageObjectTask {
            this: self.manager()?,
            id: at.disk(),
            datastore: at.datastore.clone(),
        };
        match self.client.tasks().run(&request, wait.timeout, wait.cancel).await {
            Err(error) if error.is_not_found() => Ok(()),
            done => done.map(drop),
        }
    }

    fn without_id(&self, method: &str) -> Error {
        Error::NotVCenter {
            server: self.client.server().to_owned(),
            reason: format!("{method} ended without an ID"),
        }
    }

    fn manager(&self) -> Result<MoRef> {
        self.client
            .manager(&self.client.service_content().v_storage_object_manager, "manager of first class disks")
    }
}

/// The type on the wire, which differs from that of other disks.
fn wire(p: Provisioning) -> &'static str {
    match p {
        Provisioning::Thin => "thin",
        Provisioning::Lazy => "lazyZeroedThick",
        Provisioning::Eager => "eagerZeroedThick",
    }
}

fn profiles(policy: Option<&str>) -> Vec<VirtualMachineProfileSpecKind> {
    let spec =
        |id: &str| VirtualMachineDefinedProfileSpec { profile_id: id.to_owned(), ..Default::default() };
    policy.into_iter().map(|id| spec(id).into()).collect()
}

/// The parts of a configuration that matter here.
fn disk(config: VStorageObjectConfigInfo) -> FirstClassDisk {
    let (path, provisioning) = match &config.base.backing {
        Backing::BaseConfigInfoDiskFileBackingInfo(b) => {
            (Some(b.base.file_path.clone()), Some(&*b.provisioning_type))
        }
        Backing::BaseConfigInfoFileBackingInfo(b) => (Some(b.file_path.clone()), None),
        _ => (None, None),
    };
    FirstClassDisk {
        id: config.base.id.id.clone(),
        name: config.base.name.clone(),
        capacity_mib: config.capacity_in_mb,
        // Some servers write no blank behind the datastore.
        path: path.map(|p| p.parse::<DatastorePath>().map_or(p, |p| p.to_string())),
        provisioning: provisioning.and_then(|p| {
            [Provisioning::Thin, Provisioning::Lazy, Provisioning::Eager].into_iter().find(|x| wire(*x) == p)
        }),
        keep_after_delete_vm: config.base.keep_after_delete_vm.unwrap_or_default(),
        consumers: config.consumer_id.into_iter().map(|id| id.id).collect(),
        created: config.base.create_time.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vim_types::types::{BaseConfigInfo, BaseConfigInfoDiskFileBackingInfo};

    #[test]
    fn a_disk_has_what_its_configuration_says() {
        let mut backing = BaseConfigInfoDiskFileBackingInfo {
            provisioning_type: "lazyZeroedThick".to_owned(),
            ..Default::default()
        };
        backing.base.file_path = "[ds1]fcd/a.vmdk".to_owned();
        let config = VStorageObjectConfigInfo {
            base: BaseConfigInfo {
                id: ID { id: "u".to_owned() },
                name: "n".to_owned(),
                backing: backing.into(),
                ..Default::default()
            },
            capacity_in_mb: 1024,
            consumer_id: vec![ID { id: "vm".to_owned() }],
            ..Default::default()
        };
        let seen = disk(config);
        assert_eq!((seen.id.as_str(), seen.name.as_str(), seen.capacity_mib), ("u", "n", 1024));
        assert_eq!(seen.path.as_deref(), Some("[ds1] fcd/a.vmdk"));
        assert_eq!(seen.provisioning, Some(Provisioning::Lazy));
        assert_eq!((seen.keep_after_delete_vm, &*seen.consumers), (false, &["vm".to_owned()][..]));
    }
}
