//! `VirtualDiskManager`: disks on datastores that no virtual machine needs to have.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vim_types::methods::{
    CopyVirtualDiskTask, CreateVirtualDiskTask, DeleteVirtualDiskTask, ExtendVirtualDiskTask,
    MoveVirtualDiskTask, SearchDatastoreTask,
};
use vim_types::types::{
    FileBackedVirtualDiskSpec, FileQueryFlags, HostDatastoreBrowserSearchSpec, TaskInfo, VirtualDiskSpec,
    VmDiskFileQuery, VmDiskFileQueryFlags,
};
use vim_types::xml::{Any, MoRef, Request};

use crate::client::Client;
use crate::device::DatastorePath;
use crate::error::{Error, Result};
use crate::file::{Place, literal};
use crate::virtual_machine::Wait;

/// How the space of a disk is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Provisioning {
    /// When it is written to.
    #[default]
    Thin,
    /// At once, and zeroed when it is written to.
    Lazy,
    /// At once, and zeroed at once.
    Eager,
}

impl Provisioning {
    /// The `VirtualDiskType` on the wire.
    fn wire(self) -> &'static str {
        match self {
            Provisioning::Thin => "thin",
            Provisioning::Lazy => "preallocated",
            Provisioning::Eager => "eagerZeroedThick",
        }
    }
}

/// A disk as the datastore shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFile {
    /// The size in KiB; nothing when the server does not tell.
    pub capacity_kib: Option<i64>,
    /// Whether it is thin; nothing when the server does not tell.
    pub thin: Option<bool>,
}

crate::properties! {
    struct Browser of "Datastore" {
        browser: MoRef = "browser",
    }
}

/// Disks on datastores; from [`Client::virtual_disks`].
pub struct VirtualDisks<'a> {
    client: &'a Client,
}

impl Client {
    /// Disks on datastores.
    pub fn virtual_disks(&self) -> VirtualDisks<'_> {
        VirtualDisks { client: self }
    }
}

impl VirtualDisks<'_> {
    /// The disk of a path; nothing when there is none. Needs `Datastore.Browse`.
    ///
    /// # Errors
    /// `InvalidDatastore`, and those of any call and task.
    pub async fn find(
        &self,
        datastore: &MoRef,
        path: &DatastorePath,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<Option<DiskFile>> {
        let Browser { browser } = self.client.properties().get(datastore).await?;
        let details = VmDiskFileQueryFlags { capacity_kb: true, thin: Some(true), ..Default::default() };
        let query = VmDiskFileQuery { details: Some(Box::new(details)), ..Default::default() };
        let spec = HostDatastoreBrowserSearchSpec {
            query: vec![query.into()],
            details: Some(Box::new(FileQueryFlags { file_type: true, ..Default::default() })),
            match_pattern: vec![literal(path.file())],
            ..Default::default()
        };
        let folder = DatastorePath::new(path.datastore.clone(), path.folder()).to_string();
        let request =
            SearchDatastoreTask { this: browser, datastore_path: folder, search_spec: Some(Box::new(spec)) };
        match self.client.tasks().run(&request, timeout, cancel).await {
            Ok(info) => Ok(found(&info, path.file())),
            // The folder is not there.
            Err(error) if fault(&error) == Some("FileNotFound") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates a disk. The folder must be there. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileAlreadyExists`, `FileNotFound` (the folder), `CannotCreateFile`, `NoDiskSpace`, `InvalidDatastore`,
    /// and those of any call and task.
    #[allow(clippy::too_many_arguments, reason = "what the server asks for, and how long to wait")]
    pub async fn create(
        &self,
        datacenter: Option<&MoRef>,
        path: &DatastorePath,
        capacity_kib: i64,
        provisioning: Provisioning,
        adapter: &str,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let spec = FileBackedVirtualDiskSpec {
            base: VirtualDiskSpec {
                disk_type: provisioning.wire().to_owned(),
                adapter_type: adapter.to_owned(),
            },
            capacity_kb: capacity_kib,
            ..Default::default()
        };
        let request = CreateVirtualDiskTask {
            this: self.disk_manager()?,
            name: path.to_string(),
            datacenter: datacenter.cloned(),
            spec: spec.into(),
        };
        self.run(&request, timeout, cancel).await
    }

    /// Makes a disk larger; `eager` zeroes what is new at once. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileNotFound`, `FileLocked` (in use), `NoDiskSpace`, and those of any call and task.
    pub async fn extend(
        &self,
        datacenter: Option<&MoRef>,
        path: &DatastorePath,
        capacity_kib: i64,
        eager: bool,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = ExtendVirtualDiskTask {
            this: self.disk_manager()?,
            name: path.to_string(),
            datacenter: datacenter.cloned(),
            new_capacity_kb: capacity_kib,
            eager_zero: Some(eager),
        };
        self.run(&request, timeout, cancel).await
    }

    /// Deletes a disk with its files; one that does not exist is not an error. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileLocked` (in use), `CannotDeleteFile`, and those of any call and task.
    pub async fn delete(
        &self,
        datacenter: Option<&MoRef>,
        path: &DatastorePath,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let request = DeleteVirtualDiskTask {
            this: self.disk_manager()?,
            name: path.to_string(),
            datacenter: datacenter.cloned(),
        };
        match self.run(&request, timeout, cancel).await {
            Err(error) if fault(&error) == Some("FileNotFound") => Ok(()),
            other => other,
        }
    }

    /// Copies a disk with its files; one that exists is not replaced. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileAlreadyExists`, `FileNotFound`, `NoDiskSpace`, and those of any call and task.
    pub async fn copy(&self, from: Place<'_>, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        let request = CopyVirtualDiskTask {
            this: self.disk_manager()?,
            source_name: from.path.to_string(),
            source_datacenter: Some(from.datacenter.clone()),
            dest_name: to.path.to_string(),
            dest_datacenter: Some(to.datacenter.clone()),
            force: Some(false),
            ..Default::default()
        };
        self.run(&request, wait.timeout, wait.cancel).await
    }

    /// Moves a disk with its files; one that exists is replaced. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileNotFound`, `FileLocked` (in use), `NoDiskSpace`, and those of any call and task.
    pub async fn move_to(&self, from: Place<'_>, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        self.rename(from, to, true, wait).await
    }

    /// The same, but a disk that exists is not replaced.
    ///
    /// # Errors
    /// `FileAlreadyExists`, and those of [`move_to`](VirtualDisks::move_to).
    pub(crate) async fn move_to_new(&self, from: Place<'_>, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        self.rename(from, to, false, wait).await
    }

    async fn rename(&self, from: Place<'_>, to: Place<'_>, force: bool, wait: &Wait<'_>) -> Result<()> {
        let request = MoveVirtualDiskTask {
            this: self.disk_manager()?,
            source_name: from.path.to_string(),
            source_datacenter: Some(from.datacenter.clone()),
            dest_name: to.path.to_string(),
            dest_datacenter: Some(to.datacenter.clone()),
            force: Some(force),
            ..Default::default()
        };
        self.run(&request, wait.timeout, wait.cancel).await
    }

    async fn run<R: Request<Response = MoRef> + Sync>(
        &self,
        request: &R,
        timeout: Duration,
        cancel: &CancellationToken,
    ) -> Result<()> {
        self.client.tasks().run(request, timeout, cancel).await.map(drop)
    }

    fn disk_manager(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().virtual_disk_manager, "VirtualDiskManager")
    }
}

/// The name of the fault that a call or task ended with.
fn fault(error: &Error) -> Option<&str> {
    error.fault().map(|f| f.name.as_str())
}

/// The file in the result of a search: a tree, since results of tasks are of any type.
fn found(info: &TaskInfo, name: &str) -> Option<DiskFile> {
    let Some(Any::Dyn(result)) = &info.result else { return None };
    let file = result.children("file").find(|f| f.text_of("path") == Some(name))?;
    Some(DiskFile {
        capacity_kib: file.text_of("capacityKb").and_then(|t| t.trim().parse().ok()),
        thin: file.text_of("thin").map(|t| matches!(t.trim(), "true" | "1")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vim_types::xml::Dyn;

    fn node(name: &str, text: &str, children: Vec<Dyn>) -> Dyn {
        Dyn { name: name.into(), text: text.to_owned(), children, ..Default::default() }
    }

    #[test]
    fn a_disk_is_found_by_its_whole_name() {
        let file = |name: &str, kib: &str| {
            node("file", "", vec![node("path", name, vec![]), node("capacityKb", kib, vec![])])
        };
        let tree = node("result", "", vec![file("b.vmdk", "1"), file("a.vmdk", "2048")]);
        let info = TaskInfo { result: Some(Any::Dyn(Box::new(tree))), ..Default::default() };
        assert_eq!(found(&info, "a.vmdk"), Some(DiskFile { capacity_kib: Some(2048), thin: None }));
        assert_eq!(found(&info, "c.vmdk"), None);
        assert_eq!(found(&TaskInfo::default(), "a.vmdk"), None);
    }
}
