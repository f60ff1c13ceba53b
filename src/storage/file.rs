//! `vsphere_file`
use super::place::{Names, Place as Found, imported, same_path};
use crate::common::lookup;
use crate::fault::{Doing, in_words};
use crate::vsphere::Vsphere;
use std::path::PathBuf;
use std::time::Duration;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::Error;
use vsphere_client::device::DatastorePath;
use vsphere_client::file::Place;
use vsphere_client::virtual_machine::Wait;

/// How long a file may take, unless `timeouts` say otherwise.
const LONG: Duration = Duration::from_secs(3600);

/// Manages a file on a datastore. The file is uploaded from the system that runs Terraform, or copied from a datastore.
///
/// An upload overwrites an existing file at the same path. Changing `destination_file`, `datastore` or `datacenter`
/// moves the file, and overwrites an existing file at the new path. A path that ends in `.vmdk` refers to a virtual
/// disk: all files of the disk are copied, moved and deleted. The provider does not compare the contents of files: to
/// upload a file again, run `terraform apply -replace=ADDRESS`.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_file", category = "Storage")]
pub struct FileModel {
    /// The datastore, datacenter and path of the file when it was created, such as `[ssd1] dc1/iso/os.iso`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the datacenter. Can be omitted if there is only one datacenter.
    #[tf(optional)]
    pub datacenter: Value<String>,
    /// The name or inventory path of the datacenter of the source file to copy. Defaults to `datacenter`.
    #[tf(optional, force_new)]
    pub source_datacenter: Value<String>,
    /// The name or inventory path of the datastore.
    #[tf(required, check = lookup::name)]
    pub datastore: Value<String>,
    /// The name or inventory path of the datastore of the source file to copy. If both this and `source_datacenter` are
    /// omitted, the file is uploaded.
    #[tf(optional, force_new)]
    pub source_datastore: Value<String>,
    /// The path of the source file: on the system that runs Terraform if the file is uploaded, or on its datastore if
    /// the file is copied.
    #[tf(required, force_new)]
    pub source_file: Value<String>,
    /// The path of the file on the datastore, such as `iso/os.iso`. Changing this moves the file.
    #[tf(required, check = file_path, same = same_path)]
    pub destination_file: Value<String>,
    /// Whether to create missing parent folders of the file. The folders are not deleted with the file.
    #[tf(optional, unstored)]
    pub create_directories: Value<bool>,
    /// Timeouts for operations. Create and update operations default to 1 hour, or to the provider's `api_timeout` if
    /// that is longer. Other operations default to `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct File;

type M = FileModel;

/// A check for the path of a file on its datastore.
fn file_path(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let wrong = if text.trim_matches('/').trim().is_empty() {
        "is empty"
    } else if text.ends_with('/') {
        "is the path of a folder"
    } else {
        return Ok(());
    };
    Err(format!("{text:?} {wrong}. Expected the path of a file on the datastore, such as \"iso/os.iso\"."))
}

/// Whether a path is that of a virtual disk.
fn is_disk(path: &str) -> bool {
    path.ends_with(".vmdk")
}

/// A percent-encoded text, decoded; the official provider decodes the path of a local file.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|h| std::str::from_utf8(h).ok()).filter(|_| *first == b'%');
        if let Some(byte) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            out.push(byte);
            rest = &after[2..];
        } else {
            out.push(*first);
            rest = after;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the file {:?} on {}", self.destination_file.as_str(), self.datastore.as_str())
    }

    fn names(&self) -> Names<'_> {
        Names {
            datacenter: (&self.datacenter, Self::DATACENTER),
            datastore: (&self.datastore, Self::DATASTORE),
            path: self.destination_file.as_str(),
        }
    }

    /// Where the file is copied from; nothing where it is uploaded.
    fn source(&self) -> Option<Names<'_>> {
        let (datacenter, datastore) = (&self.source_datacenter, &self.source_datastore);
        if datacenter.as_str().is_empty() && datastore.as_str().is_empty() {
            return None;
        }
        let datacenter = if datacenter.as_str().is_empty() {
            (&self.datacenter, Self::DATACENTER)
        } else {
            (datacenter, Self::SOURCE_DATACENTER)
        };
        let datastore = (datastore, Self::SOURCE_DATASTORE);
        Some(Names { datacenter, datastore, path: self.source_file.as_str() })
    }

    /// The local file.
    fn local(&self) -> PathBuf {
        let plain = PathBuf::from(self.source_file.as_str());
        if plain.exists() { plain } else { PathBuf::from(decoded(self.source_file.as_str())) }
    }

    async fn copy(&self, vsphere: &Vsphere, to: &Found, wait: &Wait<'_>) -> Result<bool> {
        let Some(names) = self.source() else { return Ok(false) };
        let from = names.find(vsphere).await?;
        let done = if is_disk(names.path) {
            vsphere.api.virtual_disks().copy(from.file(), to.file(), wait).await
        } else {
            vsphere.api.files().copy(from.file(), to.file(), wait).await
        };
        self.explained(done, to, &format!("copy {} to {}", from.path, to.path), Self::SOURCE_FILE)?;
        Ok(true)
    }

    async fn upload(&self, vsphere: &Vsphere, to: &Found, wait: &Wait<'_>) -> Result<()> {
        let (files, local) = (vsphere.api.files(), self.local());
        let doing = format!("upload {} to {}", local.display(), to.path);
        if !is_disk(self.source_file.as_str()) {
            let done = files.upload(&local, to.file(), wait).await;
            return self.explained(done, to, &doing, Self::SOURCE_FILE);
        }
        // As a virtual disk it gets its files by a move.
        let folder = format!("terraform-upload-{}", to.path.path.replace(['/', ' '], "-"));
        let folder = DatastorePath::new(to.path.datastore.clone(), folder);
        let made = files.make_folder(Some(&to.datacenter), &folder, true).await;
        made.doing_to(format!("create the folder {folder}"), |_| Some(Self::DESTINATION_FILE))?;
        let draft =
            DatastorePath::new(to.path.datastore.clone(), format!("{}/{}", folder.path, to.path.file()));
        let from = Place { datacenter: &to.datacenter, path: &draft };
        let mut done = files.upload(&local, from, wait).await;
        if done.is_ok() {
            done = vsphere.api.virtual_disks().move_to(from, to.file(), wait).await;
        }
        let rest = files.delete(Place { datacenter: &to.datacenter, path: &folder }, wait).await;
        if let Err(e) = rest {
            tracing::warn!(error = %e, %folder, "the folder of an upload was not deleted");
        }
        self.explained(done, to, &doing, Self::SOURCE_FILE)
    }

    /// A result, with an error that names the attribute.
    fn explained(
        &self,
        done: vsphere_client::Result<()>,
        to: &Found,
        doing: &str,
        source: Field,
    ) -> Result<()> {
        let Err(e) = done else { return Ok(()) };
        let missing = || to.if_no_folder(&self.create_directories);
        let (field, advice) = match (&e, e.fault().map(|f| f.name.as_str())) {
            (Error::Package(_), _) => (source, String::new()),
            (Error::Upload { .. }, _) => (Self::DESTINATION_FILE, missing()),
            (_, Some("FileAlreadyExists")) => (
                Self::DESTINATION_FILE,
                "\nA copy does not replace a file. Choose another path, or import the existing file."
                    .to_owned(),
            ),
            (_, Some("FileNotFound")) => (source, missing()),
            (_, Some("CannotCreateFile" | "CannotAccessFile")) => (Self::DESTINATION_FILE, missing()),
            _ => return Err(e).doing(doing),
        };
        let detail = format!("{}{advice}", in_words(&e));
        Err(Diagnostics::error(field, format!("Unable to {doing}"), detail))
    }
}

impl Resource for File {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the path of the datacenter and the path of the file with its datastore, such as /dc1/[ssd1] iso/os.iso";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let known = ![&planned.datacenter, &planned.datastore].iter().any(|v| v.is_unknown());
        let Some(prior) = cx.prior else {
            // A source that does not exist yet may be created before it is needed.
            if let Some(vsphere) = cx.client.filter(|_| known) {
                planned.names().find(vsphere).await?;
            }
            return Ok(());
        };
        // An import cannot know what the file was created from.
        if cx.imported() || prior.source_file.is_null() {
            let sources =
                [M::SOURCE_FILE, M::SOURCE_DATASTORE, M::SOURCE_DATACENTER].map(AttributePath::from);
            cx.replace.retain(|p| !sources.contains(p));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let to = plan.names().find(vsphere).await?;
        to.make_folders(vsphere, &plan.create_directories, M::DESTINATION_FILE).await?;
        let title = plan.title();
        let report = |percent: i32| tracing::info!(file = title, percent, "uploading a file");
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel()).telling(&report);
        if !plan.copy(vsphere, &to, &wait).await? {
            plan.upload(vsphere, &to, &wait).await?;
        }
        let (datastore, datacenter) = (plan.datastore.as_str(), plan.datacenter.as_str());
        let id = format!("[{datastore}] {datacenter}/{}", plan.destination_file.as_str());
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let place = state.names().find(vsphere).await?;
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let found = vsphere.api.files().find(&place.datastore, &place.path, &wait).await;
        Ok(found.doing(format!("look for {}", state.title()))?.map(|_| state))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (from, to) = futures_util::try_join!(async { prior.names().find(vsphere).await }, async {
            plan.names().find(vsphere).await
        })?;
        if from.datastore == to.datastore && from.path == to.path {
            return Ok(plan);
        }
        to.make_folders(vsphere, &plan.create_directories, M::DESTINATION_FILE).await?;
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        let done = if is_disk(&from.path.path) {
            vsphere.api.virtual_disks().move_to(from.file(), to.file(), &wait).await
        } else {
            vsphere.api.files().move_to(from.file(), to.file(), &wait).await
        };
        plan.explained(done, &to, &format!("move {} to {}", from.path, to.path), M::DESTINATION_FILE)?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let place = state.names().find(vsphere).await?;
        let timeout = cx.timeout(vsphere.timeout);
        let done = if is_disk(&place.path.path) {
            let disks = vsphere.api.virtual_disks();
            disks.delete(Some(&place.datacenter), &place.path, timeout, cx.cancel()).await
        } else {
            vsphere.api.files().delete(place.file(), &Wait::new(timeout, cx.cancel())).await
        };
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, _cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let Some((datacenter, path)) = imported(id) else {
            let summary = format!("{id:?} does not name a file");
            return Err(Diagnostics::error(AttributePath::root(), summary, ""));
        };
        let id = format!("[{}] {}/{}", path.datastore, datacenter.as_deref().unwrap_or_default(), path.path);
        Ok(M {
            id: id.into(),
            datacenter: datacenter.into(),
            datastore: path.datastore.into(),
            destination_file: path.path.into(),
            ..M::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_files_are_checked() {
        for (path, ok) in [
            ("iso/os.iso", true),
            ("/iso/os.iso", true),
            ("[1] notes.txt", true),
            ("", false),
            ("/", false),
            ("iso/", false),
        ] {
            assert_eq!(file_path(&path.into()).is_ok(), ok, "{path}");
        }
    }

    #[test]
    fn a_source_on_a_datastore_is_copied() {
        let local = M { source_file: "a.txt".into(), ..M::default() };
        assert!(local.source().is_none());
        let copied = M { source_datastore: "ssd1".into(), datacenter: "dc1".into(), ..local.clone() };
        assert_eq!(copied.source().map(|n| n.datacenter.0.as_str().to_owned()), Some("dc1".to_owned()));
        let elsewhere = M { source_datacenter: "dc2".into(), ..copied };
        assert_eq!(elsewhere.source().map(|n| n.datacenter.0.as_str().to_owned()), Some("dc2".to_owned()));
        assert_eq!(decoded("a%20b%zz"), "a b%zz");
    }
}
