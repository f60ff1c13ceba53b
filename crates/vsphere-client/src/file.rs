//! `FileManager`, the datastore browser, and the files behind `/folder` of the server.

use std::path::Path;

use bytes::Bytes;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, COOKIE};
use vim_types::methods::{
    CopyDatastoreFileTask, CurrentTime, DeleteDatastoreFileTask, MakeDirectory, MoveDatastoreFileTask,
    SearchDatastoreTask,
};
use vim_types::types::{FileQueryFlags, HostDatastoreBrowserSearchSpec, TaskInfo};
use vim_types::xml::{Any, Dyn, MoRef, Request};

use crate::client::Client;
use crate::core::upload::{self, Chunks, Meter};
use crate::device::DatastorePath;
use crate::error::{Error, Result};
use crate::ovf::Input;
use crate::virtual_machine::Wait;

/// How often the progress of an upload is reported.
const REPORT: std::time::Duration = std::time::Duration::from_secs(1);

/// A place for a file: the datacenter, and the path on one of its datastores.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The datacenter.
    pub datacenter: &'a MoRef,
    /// The path.
    pub path: &'a DatastorePath,
}

/// A file on a datastore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The size in bytes; nothing when the server does not report it.
    pub size: Option<u64>,
}

/// A file or folder in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// The type in the API, such as `FolderFileInfo` or `IsoImageFileInfo`; `FileInfo` or nothing for other files.
    pub ty: String,
    /// The size in bytes.
    pub size: Option<i64>,
    /// The time of the last modification (RFC 3339).
    pub modified: Option<String>,
}

crate::properties! {
    struct Browser of "Datastore" {
        browser: MoRef = "browser",
    }
}

/// A file in memory, sent at once.
struct Whole(Option<Bytes>);

impl Chunks for Whole {
    async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        Ok(self.0.take())
    }
}

/// Files on datastores; from [`Client::files`].
pub struct Files<'a> {
    client: &'a Client,
}

impl Client {
    /// Files on datastores.
    pub fn files(&self) -> Files<'_> {
        Files { client: self }
    }
}

impl Files<'_> {
    /// The file of a path; nothing when there is none, or a folder. Needs `Datastore.Browse`.
    ///
    /// # Errors
    /// `InvalidDatastore`, and those of any call and task.
    pub async fn find(
        &self,
        datastore: &MoRef,
        path: &DatastorePath,
        wait: &Wait<'_>,
    ) -> Result<Option<File>> {
        let details = FileQueryFlags { file_type: true, file_size: true, ..Default::default() };
        let spec = HostDatastoreBrowserSearchSpec {
            details: Some(Box::new(details)),
            match_pattern: vec![literal(path.file())],
            ..Default::default()
        };
        let folder = DatastorePath::new(path.datastore.clone(), path.folder());
        match self.search(datastore, &folder, spec, wait).await {
            Ok(info) => Ok(found(&info, path.file())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The files and folders in a folder whose names match a pattern (`*` and `?`); nothing when the folder does not exist.
    /// Needs `Datastore.Browse`.
    ///
    /// # Errors
    /// `InvalidDatastore`, and those of any call and task.
    pub async fn list(
        &self,
        datastore: &MoRef,
        folder: &DatastorePath,
        pattern: &str,
        wait: &Wait<'_>,
    ) -> Result<Option<Vec<Entry>>> {
        let details =
            FileQueryFlags { file_type: true, file_size: true, modification: true, ..Default::default() };
        let spec = HostDatastoreBrowserSearchSpec {
            details: Some(Box::new(details)),
            match_pattern: vec![pattern.to_owned()],
            ..Default::default()
        };
        match self.search(datastore, folder, spec, wait).await {
            Ok(info) => Ok(Some(entries(&info))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Searches a folder with the browser of a datastore.
    async fn search(
        &self,
        datastore: &MoRef,
        folder: &DatastorePath,
        spec: HostDatastoreBrowserSearchSpec,
        wait: &Wait<'_>,
    ) -> Result<TaskInfo> {
        let Browser { browser } = self.client.properties().get(datastore).await?;
        let request = SearchDatastoreTask {
            this: browser,
            datastore_path: folder.to_string(),
            search_spec: Some(Box::new(spec)),
        };
        self.client.tasks().run(&request, wait.timeout, wait.cancel).await
    }

    /// Makes a folder on a datastore, and with `parents` those above it; one that exists is fine. Needs
    /// `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `CannotCreateFile`, `InvalidDatastore`, and those of any call.
    pub async fn make_folder(
        &self,
        datacenter: Option<&MoRef>,
        folder: &DatastorePath,
        parents: bool,
    ) -> Result<()> {
        let request = MakeDirectory {
            this: self.manager()?,
            name: folder.to_string(),
            datacenter: datacenter.cloned(),
            create_parent_directories: Some(parents),
        };
        match self.client.call(&request).await {
            Err(error) if error.fault().is_some_and(|f| f.name == "FileAlreadyExists") => Ok(()),
            other => other,
        }
    }

    /// Sends a local file to a datastore, where it replaces a file of the same path. No more than a few chunks of it are in
    /// memory. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// [`Error::Package`] where the local file cannot be read, [`Error::Upload`], [`Error::Timeout`], [`Error::Cancelled`],
    /// and those of any call.
    pub async fn upload(&self, from: &Path, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        let (mut file, size) = Input::file(from).await?;
        self.put(&mut file, size, to, wait).await
    }

    /// Sends bytes to a file on a datastore; see [`upload`](Files::upload).
    ///
    /// # Errors
    /// [`Error::Upload`], [`Error::Timeout`], [`Error::Cancelled`], and those of any call.
    pub async fn upload_bytes(&self, bytes: Bytes, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        let size = bytes.len() as u64;
        self.put(&mut Whole(Some(bytes)), size, to, wait).await
    }

    async fn put(&self, file: &mut impl Chunks, size: u64, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        let core = self.client.core();
        let url = url_of(self.client, to).await?;
        // A call makes sure that there is a session.
        let now = CurrentTime { this: MoRef::new("ServiceInstance", "ServiceInstance") };
        self.client.call(&now).await?;
        let (meter, peer) = (Meter::of(size), core.http.peer());
        let mut request = peer.client.put(url).header(CONTENT_TYPE, "application/octet-stream");
        if let Some(cookie) = core.session.cookie_header() {
            request = request.header(COOKIE, cookie);
        }
        let work = async {
            let name = to.path.to_string();
            let sent = upload::send(&peer, request, &name, Some(size), file, &meter);
            let report = async {
                loop {
                    (wait.progress)(meter.percent());
                    tokio::time::sleep(REPORT).await;
                }
            };
            tokio::select! {
                sent = sent => sent,
                () = report => Ok(()),
            }
        };
        wait.limit(&format!("the upload of {}", to.path), work).await
    }

    /// Copies a file; one that exists is not replaced. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileAlreadyExists`, `FileNotFound`, `NoDiskSpace`, and those of any call and task.
    pub async fn copy(&self, from: Place<'_>, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        let request = CopyDatastoreFileTask {
            this: self.manager()?,
            source_name: from.path.to_string(),
            source_datacenter: Some(from.datacenter.clone()),
            destination_name: to.path.to_string(),
            destination_datacenter: Some(to.datacenter.clone()),
            force: Some(false),
        };
        self.run(&request, wait).await
    }

    /// Moves a file; one that exists is replaced. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileNotFound`, `FileLocked` (in use), `NoDiskSpace`, and those of any call and task.
    pub async fn move_to(&self, from: Place<'_>, to: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        let request = MoveDatastoreFileTask {
            this: self.manager()?,
            source_name: from.path.to_string(),
            source_datacenter: Some(from.datacenter.clone()),
            destination_name: to.path.to_string(),
            destination_datacenter: Some(to.datacenter.clone()),
            force: Some(true),
        };
        self.run(&request, wait).await
    }

    /// Deletes a file, or a folder with what is in it; one that does not exist is fine. Needs `Datastore.FileManagement`.
    ///
    /// # Errors
    /// `FileLocked` (in use), `CannotDeleteFile`, and those of any call and task.
    pub async fn delete(&self, place: Place<'_>, wait: &Wait<'_>) -> Result<()> {
        let request = DeleteDatastoreFileTask {
            this: self.manager()?,
            name: place.path.to_string(),
            datacenter: Some(place.datacenter.clone()),
        };
        match self.run(&request, wait).await {
            Err(error) if is_missing(&error) => Ok(()),
            other => other,
        }
    }

    async fn run<R: Request<Response = MoRef> + Sync>(&self, request: &R, wait: &Wait<'_>) -> Result<()> {
        self.client.tasks().run(request, wait.timeout, wait.cancel).await.map(drop)
    }

    fn manager(&self) -> Result<MoRef> {
        self.client.manager(&self.client.service_content().file_manager, "FileManager")
    }
}

/// Whether a call or task failed because the file, or the folder that it is in, does not exist.
fn is_missing(error: &Error) -> bool {
    error.fault().is_some_and(|f| f.name == "FileNotFound")
}

/// The URL of a file.
///
/// # Errors
/// The datacenter cannot be read, or the path is not one of a file.
pub(crate) async fn url_of(client: &Client, place: Place<'_>) -> Result<Url> {
    let datacenter = client.find().path_of(place.datacenter).await?;
    url(client.core().http.base(), &datacenter, place.path)
}

/// The same from the path of the datacenter. A plus sign is escaped, too: vCenter reads one as a blank.
fn url(base: &str, datacenter: &str, path: &DatastorePath) -> Result<Url> {
    let bad = |e: &dyn std::fmt::Display| Error::Package(format!("{path} is not the path of a file: {e}"));
    let mut url = Url::parse(&format!("{base}/folder")).map_err(|e| bad(&e))?;
    url.path_segments_mut().map_err(|()| bad(&"no server"))?.extend(path.path.split('/'));
    let escaped = url.path().replace('+', "%2B");
    url.set_path(&escaped);
    url.query_pairs_mut().append_pair("dcPath", datacenter).append_pair("dsName", &path.datastore);
    Ok(url)
}

/// A file name as a pattern that fits it alone: a question mark stands for any character.
pub(crate) fn literal(name: &str) -> String {
    name.replace(['*', '?', '[', ']'], "?")
}

/// The file in the result of a search: a tree, since results of tasks are of any type.
fn found(info: &TaskInfo, name: &str) -> Option<File> {
    let Some(Any::Dyn(result)) = &info.result else { return None };
    let file = result.children("file").find(|f| f.text_of("path") == Some(name))?;
    (&*file.type_name != "FolderFileInfo")
        .then(|| File { size: file.text_of("fileSize").and_then(|t| t.trim().parse().ok()) })
}

/// All files in the result of a search.
fn entries(info: &TaskInfo) -> Vec<Entry> {
    let Some(Any::Dyn(result)) = &info.result else { return vec![] };
    let entry = |file: &Dyn| Entry {
        name: file.text_of("path").unwrap_or_default().to_owned(),
        ty: file.type_name.to_string(),
        size: file.text_of("fileSize").and_then(|t| t.trim().parse().ok()),
        modified: file.text_of("modification").map(|t| t.trim().to_owned()),
    };
    result.children("file").map(entry).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_every_character_of_a_path() {
        for (path, expected) in [
            ("a/b.txt", "/folder/a/b.txt"),
            ("/a/b.txt", "/folder/a/b.txt"),
            ("a b/c+d%.txt", "/folder/a%20b/c%2Bd%25.txt"),
        ] {
            let url = url("https://vc", "/dc 1", &DatastorePath::new("ssd+1", path)).unwrap();
            assert_eq!(url.path(), expected);
            assert_eq!(url.query(), Some("dcPath=%2Fdc+1&dsName=ssd%2B1"));
        }
    }

    #[test]
    fn a_folder_is_not_a_file() {
        let node = |name: &str, ty: &str, text: &str, children: Vec<Dyn>| Dyn {
            name: name.into(),
            type_name: ty.into(),
            text: text.to_owned(),
            children,
            ..Default::default()
        };
        let file = |name: &str, ty: &str| {
            let path = node("path", "", name, vec![]);
            node("file", ty, "", vec![path, node("fileSize", "", "7", vec![])])
        };
        let tree = node("result", "", "", vec![file("a", "FolderFileInfo"), file("b", "FileInfo")]);
        let info = TaskInfo { result: Some(Any::Dyn(Box::new(tree))), ..Default::default() };
        let names = |all: Vec<Entry>| all.into_iter().map(|e| (e.name, e.size)).collect::<Vec<_>>();
        assert_eq!(names(entries(&info)), [("a".to_owned(), Some(7)), ("b".to_owned(), Some(7))]);
        assert_eq!(found(&info, "a"), None);
        assert_eq!(found(&info, "b"), Some(File { size: Some(7) }));
        assert_eq!(found(&info, "c"), None);
        assert_eq!(literal("a[1]*.txt"), "a?1??.txt");
    }
}
