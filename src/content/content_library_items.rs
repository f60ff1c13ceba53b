//! `data.vsphere_content_library_items`
use crate::common::regex;
use crate::content::libraries::{library_id, library_of};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::{StreamExt as _, TryStreamExt as _};
use regex_lite::Regex;
use std::sync::Arc;
use tf_framework::{DataCx, DataSource, Diagnostics, Model, Result, Value};
use vsphere_client::content_library::{LibraryItem, StoredFile};

/// The type of images of optical disks.
const ISO: &str = "iso";
/// How many items are looked up in the storage at the same time.
const LOOKS: usize = 8;

/// Lists the items of a content library, optionally filtered by type and by name. For an ISO image, the result includes
/// the datastore and the path to use in a `cdrom` block of a virtual machine.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_content_library_items", category = "Content Library")]
pub struct ContentLibraryItemsModel {
    /// The ID of the content library.
    #[tf(computed)]
    pub id: Value<String>,
    /// The ID of the content library.
    #[tf(required, form = library_id)]
    pub library_id: Value<String>,
    /// The type of the items to return: `ovf`, `vm-template`, `iso` or another type. If omitted, items of all types are
    /// returned.
    #[tf(optional)]
    pub r#type: Value<String>,
    /// A regular expression to match against any part of the name of an item. Use `^` and `$` to match the whole name.
    #[tf(optional, check = regex::form)]
    pub name_regex: Value<String>,
    /// The items, sorted by name.
    #[tf(computed)]
    pub items: Value<Vec<ItemModel>>,
}

/// An item of the content library.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ItemModel {
    /// The ID of the item, a UUID.
    #[tf(computed)]
    pub id: Value<String>,
    /// The name of the item.
    #[tf(computed)]
    pub name: Value<String>,
    /// The description of the item.
    #[tf(computed)]
    pub description: Value<String>,
    /// The type of the item: `ovf`, `vm-template`, `iso` or another type.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// The total size of the files, in bytes.
    #[tf(computed)]
    pub size: Value<i64>,
    /// Whether the files are stored in the content library. The files of a subscribed library may not have been
    /// downloaded yet.
    #[tf(computed)]
    pub cached: Value<bool>,
    /// The managed object ID of the datastore that contains the ISO image, for use as the `datastore_id` of a `cdrom`
    /// block. Null for other items, and if the files are not on a datastore.
    #[tf(computed)]
    pub datastore_id: Value<String>,
    /// The path of the ISO image on its datastore, for use as the `path` of a `cdrom` block. Null for other items, and
    /// if the files are not on a datastore.
    #[tf(computed)]
    pub path: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ContentLibraryItems;

type M = ContentLibraryItemsModel;

/// The items that fit, in the order of their names. Pure.
fn fitting(mut all: Vec<Arc<LibraryItem>>, ty: &str, name: Option<&Regex>) -> Vec<Arc<LibraryItem>> {
    all.retain(|i| (ty.is_empty() || i.ty == ty) && name.is_none_or(|n| n.is_match(&i.name)));
    all.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    all
}

/// Where the image of an item is: datastore and path of the first file that is an image, or else of any file. Pure.
fn image(files: &[StoredFile]) -> Option<(String, String)> {
    let is_image = |f: &&StoredFile| f.name.to_ascii_lowercase().ends_with(".iso");
    let file = files.iter().find(is_image).or_else(|| files.first())?;
    Some((file.storage_backing.datastore_id.clone()?, file.datastore_path()?))
}

fn listed(item: &LibraryItem, image: Option<(String, String)>) -> ItemModel {
    let (datastore, path) = image.unzip();
    ItemModel {
        id: item.id.clone().into(),
        name: item.name.clone().into(),
        description: item.description.clone().into(),
        r#type: item.ty.clone().into(),
        size: item.size.into(),
        cached: item.cached.into(),
        datastore_id: datastore.into(),
        path: path.into(),
    }
}

impl DataSource for ContentLibraryItems {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let library = library_of(cx.client, config.library_id.as_str(), M::LIBRARY_ID).await?;
        let libraries = &cx.client.api.content_libraries();
        let doing = format!("list the items of the content library `{}`", library.name);
        let all = libraries.items(&library.id).await.doing(&doing)?;
        let name = match config.name_regex.as_str() {
            "" => None,
            text => Some(Regex::new(text).map_err(|e| {
                Diagnostics::error(M::NAME_REGEX, "Invalid regular expression", e.to_string())
            })?),
        };
        let found = fitting(all, config.r#type.as_str(), name.as_ref());
        let looks = futures_util::stream::iter(found).map(|item| async move {
            if item.ty != ISO {
                return Ok(listed(&item, None));
            }
            match libraries.storage(&item.id).await {
                Err(e) if e.is_not_found() => Ok(listed(&item, None)),
                files => Ok(listed(&item, image(&files?))),
            }
        });
        let items: vsphere_client::Result<Vec<ItemModel>> = looks.buffered(LOOKS).try_collect().await;
        let items = items.doing(&doing)?;
        Ok(M { id: library.id.clone().into(), items: items.into(), ..config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::content_library::StorageBacking;

    #[test]
    fn items_fit_by_type_and_name() {
        let item = |name: &str, ty: &str| {
            Arc::new(LibraryItem { name: name.to_owned(), ty: ty.to_owned(), ..Default::default() })
        };
        let all = || vec![item("tools", ISO), item("ubuntu-24.04", "ovf"), item("ubuntu-22.04", "ovf")];
        let names = |ty: &str, name: Option<&str>| {
            let name = name.map(|n| Regex::new(n).unwrap());
            let found = fitting(all(), ty, name.as_ref());
            found.iter().map(|i| i.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("", None), ["tools", "ubuntu-22.04", "ubuntu-24.04"]);
        assert_eq!(names(ISO, None), ["tools"]);
        assert_eq!(names("ovf", Some("24")), ["ubuntu-24.04"]);
        assert!(names(ISO, Some("^ubuntu")).is_empty());
    }

    #[test]
    fn image_has_datastore_and_path() {
        let file = |name: &str, uri: &str| StoredFile {
            name: name.to_owned(),
            storage_backing: StorageBacking { datastore_id: Some("datastore-1".to_owned()) },
            storage_uris: vec![uri.to_owned()],
            ..Default::default()
        };
        let files = [
            file("a.mf", "ds:///vmfs/volumes/v/lib/a.mf"),
            file("a.iso", "ds:///vmfs/volumes/v/lib/a.iso?s=1"),
        ];
        assert_eq!(image(&files), Some(("datastore-1".to_owned(), "lib/a.iso".to_owned())));
        assert_eq!(image(&[]), None);
        assert_eq!(image(&[StoredFile::default()]), None);
    }
}
