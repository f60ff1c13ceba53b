//! `data.vsphere_datastore_files`
use super::place::datastore_name;
use crate::common::moid::{Datastore, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Diagnostics, Dynamic, Model, Result, Value};
use vsphere_client::device::DatastorePath;
use vsphere_client::file::Entry;
use vsphere_client::virtual_machine::Wait;

/// Lists the files and folders in a folder on a datastore. Requires the `Datastore.Browse` privilege on the datastore.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_datastore_files", category = "Storage")]
pub struct DatastoreFilesModel {
    /// The datastore path of the folder, such as `[ssd1] images`.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the datastore, such as `datastore-12`.
    #[tf(required, form = MoId::<Datastore>::any_form)]
    pub datastore_id: Value<String>,
    /// The path of the folder on the datastore, such as `images/linux`. Defaults to the root folder of the datastore.
    /// The contents of subfolders are not listed.
    #[tf(optional, check = folder)]
    pub folder: Value<String>,
    /// A pattern to match against file and folder names: `*` matches any sequence of characters, and `?` matches any
    /// single character. If omitted, all files and folders are listed.
    #[tf(optional)]
    pub pattern: Value<String>,
    /// The files and folders, sorted by name.
    #[tf(computed)]
    pub files: Value<Vec<FileModel>>,
}

/// A file or folder.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct FileModel {
    /// The name of the file or folder.
    #[tf(computed)]
    pub name: Value<String>,
    /// The path on the datastore, such as `images/linux/a.iso`, for use as the `path` of a `cdrom` or `disk` block of a
    /// virtual machine.
    #[tf(computed)]
    pub path: Value<String>,
    /// The type of the file: `folder`, `disk`, `iso`, `floppy`, `config` (a virtual machine configuration file),
    /// `template`, `log`, `nvram`, `snapshot`, or `file` for any other type.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The size, in bytes.
    #[tf(computed)]
    pub size: Value<i64>,
    /// The time of the last modification, in RFC 3339 format.
    #[tf(computed)]
    pub modified: Value<String>,
}

type M = DatastoreFilesModel;

/// The data source.
#[derive(Debug, Default)]
pub struct DatastoreFiles;

fn folder(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.starts_with('[') {
        return Err(format!(
            "{text:?} has the name of a datastore. Expected a path on the datastore, such as \"images/linux\"."
        ));
    }
    if text.split('/').any(|s| s == "..") {
        return Err(format!("{text:?} contains \"..\". Expected a path such as \"images/linux\"."));
    }
    Ok(())
}

/// The type of a file. A host may report a file without its type, which the end of the name then decides. Pure.
fn kind(reported: &str, name: &str) -> &'static str {
    let by_name = || {
        let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
        match end.as_str() {
            "vmdk" => "disk",
            "iso" => "iso",
            "flp" => "floppy",
            "vmx" => "config",
            "vmtx" => "template",
            "log" => "log",
            "nvram" => "nvram",
            "vmsn" => "snapshot",
            _ => "file",
        }
    };
    match reported {
        "FolderFileInfo" => "folder",
        "VmDiskFileInfo" => "disk",
        "IsoImageFileInfo" => "iso",
        "FloppyImageFileInfo" => "floppy",
        "VmConfigFileInfo" => "config",
        "TemplateConfigFileInfo" => "template",
        "VmLogFileInfo" => "log",
        "VmNvramFileInfo" => "nvram",
        "VmSnapshotFileInfo" => "snapshot",
        _ => by_name(),
    }
}

/// The files in a folder, by name. Pure.
fn listed(folder: &str, mut entries: Vec<Entry>) -> Vec<FileModel> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let model = |e: &Entry| FileModel {
        path: path(&e.name).into(),
        r#type: kind(&e.ty, &e.name).into(),
        name: e.name.clone().into(),
        size: e.size.into(),
        modified: e.modified.clone().into(),
    };
    entries.iter().map(model).collect()
}

impl DataSource for DatastoreFiles {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let (vsphere, id) = (cx.client, config.datastore_id.as_str());
        let object = MoId::<Datastore>::object(id);
        let name = datastore_name(vsphere, id, M::DATASTORE_ID).await?;
        let folder = config.folder.as_str().trim_matches('/');
        let path = DatastorePath::new(name, folder);
        let pattern = config.pattern.non_empty().map(String::as_str).unwrap_or("*");
        let wait = Wait::new(vsphere.timeout, &cx.cancel);
        let found = vsphere.api.files().list(&object, &path, pattern, &wait).await;
        let found = found.doing_to(format!("list the files in {path}"), |_| Some(M::DATASTORE_ID))?;
        let Some(found) = found else {
            let detail = "The datastore has no such folder. The path is relative to the top folder of the datastore, and upper \
                          and lower case may differ.";
            return Err(Diagnostics::error(
                M::FOLDER,
                format!("There is no folder {:?}", path.to_string()),
                detail,
            ));
        };
        Ok(M { id: path.to_string().into(), files: listed(folder, found).into(), ..config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_paths_and_types_and_are_sorted() {
        let entry = |name: &str, ty: &str| Entry { name: name.into(), ty: ty.into(), ..Entry::default() };
        let all = || vec![entry("b.ISO", "FileInfo"), entry("a", "FolderFileInfo"), entry("c.x", "")];
        let of = |folder: &str| {
            let all = listed(folder, all());
            all.iter().map(|f| (f.path.get(), f.r#type.get())).collect::<Vec<_>>()
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(of("x/y"), [pair("x/y/a", "folder"), pair("x/y/b.ISO", "iso"), pair("x/y/c.x", "file")]);
        assert_eq!(of("")[0].0, "a");
    }

    #[test]
    fn a_folder_is_relative_to_the_datastore() {
        assert!(folder(&"a/b".into()).is_ok() && folder(&"".into()).is_ok());
        assert!(folder(&"[ssd1] a".into()).is_err() && folder(&"a/../b".into()).is_err());
    }
}
