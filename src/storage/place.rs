//! Where a file or disk is: names of a datacenter and of a datastore, and a path on it.
use crate::common::lookup::Query;
use crate::common::moid::{Datastore, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{Dynamic, Field, Result, Value};
use vsphere_client::device::DatastorePath;
use vsphere_client::file;
use vsphere_client::{Kind, MoRef, datastore, readable};

/// The objects of the names.
pub(super) struct Place {
    pub(super) datacenter: MoRef,
    pub(super) datastore: MoRef,
    pub(super) path: DatastorePath,
}

impl Place {
    /// As the client takes it.
    pub(super) fn file(&self) -> file::Place<'_> {
        file::Place { datacenter: &self.datacenter, path: &self.path }
    }

    /// Creates the folders that lead to it, if `create_directories` is set. `at` is the attribute with the path.
    ///
    /// # Errors
    /// A folder cannot be created.
    pub(super) async fn make_folders(
        &self,
        vsphere: &Vsphere,
        wanted: &Value<bool>,
        at: Field,
    ) -> Result<()> {
        if !wanted.get() || self.path.folder().is_empty() {
            return Ok(());
        }
        let folder = DatastorePath::new(self.path.datastore.clone(), self.path.folder());
        let made = vsphere.api.files().make_folder(Some(&self.datacenter), &folder, true).await;
        made.doing_to(format!("create the folder {folder}"), |_| Some(at))
    }

    /// What helps if its folder does not exist; nothing if `create_directories` is set. Pure.
    pub(super) fn if_no_folder(&self, wanted: &Value<bool>) -> String {
        let folder = self.path.folder();
        if wanted.get() || folder.is_empty() {
            return String::new();
        }
        format!("\nIf the folder {folder:?} does not exist, set `create_directories = true`.")
    }
}

/// The name of a datastore, as in paths. `at` is the attribute with its ID.
///
/// # Errors
/// There is no such datastore, or it cannot be read.
pub(super) async fn datastore_name(vsphere: &Vsphere, id: &str, at: Field) -> Result<String> {
    let object = MoId::<Datastore>::object(id);
    match vsphere.api.properties().get::<datastore::Datastore>(&object).await {
        Err(e) if e.is_not_found() => Err(MoId::<Datastore>::not_found(id, at)),
        read => Ok(readable(&read.doing(format!("read {object}"))?.name).into_owned()),
    }
}

/// A slash at the beginning does not matter.
pub(super) fn same_path(a: &Dynamic, b: &Dynamic) -> bool {
    let path = |v: &Dynamic| v.as_str().map(|t| t.trim_start_matches('/').to_owned());
    path(a).is_some() && path(a) == path(b)
}

/// The names of a configuration, and the attributes that they are in.
pub(super) struct Names<'a> {
    /// The name or inventory path of the datacenter; left out, the only one.
    pub(super) datacenter: (&'a Value<String>, Field),
    /// The name or inventory path of the datastore; left out, the only one of the datacenter.
    pub(super) datastore: (&'a Value<String>, Field),
    /// The path on the datastore.
    pub(super) path: &'a str,
}

impl Names<'_> {
    /// Looks the objects up.
    ///
    /// # Errors
    /// A name that fits no object, or several.
    pub(super) async fn find(&self, vsphere: &Vsphere) -> Result<Place> {
        let name = self.datacenter.0.as_str();
        let wanted =
            Query { kind: Kind::Datacenter, name, field: self.datacenter.1, datacenter: None, tags: None };
        let datacenter =
            if name.is_empty() { wanted.sole(vsphere).await? } else { wanted.one(vsphere).await? };
        let datacenter = datacenter.object;
        let (name, field) = (self.datastore.0.as_str(), self.datastore.1);
        let wanted = Query { kind: Kind::Datastore, name, field, datacenter: Some(&datacenter), tags: None };
        let found = if name.is_empty() { wanted.sole(vsphere).await? } else { wanted.one(vsphere).await? };
        let path = DatastorePath::new(found.name, self.path);
        Ok(Place { datastore: found.object, datacenter, path })
    }
}

/// The datacenter, as a state has it, and the path of an import. Pure.
pub(super) fn imported(id: &str) -> Option<(Option<String>, DatastorePath)> {
    let at = id.find('[')?;
    let path: DatastorePath = id[at..].parse().ok()?;
    if path.path.is_empty() {
        return None;
    }
    let datacenter = id[..at].strip_suffix('/').unwrap_or(&id[..at]);
    let datacenter = match datacenter.trim_start_matches('/') {
        "" => None,
        name if name.contains('/') => Some(format!("/{name}")),
        name => Some(name.to_owned()),
    };
    Some((datacenter, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_beginning_does_not_matter() {
        assert!(same_path(&"/a.vmdk".into(), &"a.vmdk".into()));
        assert!(!same_path(&"b/a.vmdk".into(), &"a.vmdk".into()));
    }

    #[test]
    fn an_import_names_datacenter_datastore_and_path() {
        let of = |id: &str| imported(id).map(|(d, p)| (d.unwrap_or_default(), p.to_string()));
        let found = |d: &str, p: &str| Some((d.to_owned(), p.to_owned()));
        assert_eq!(of("/dc1/[ssd1] a/b.vmdk"), found("dc1", "[ssd1] a/b.vmdk"));
        assert_eq!(of("/dc1/[ssd1] /a/b.vmdk"), found("dc1", "[ssd1] a/b.vmdk"));
        assert_eq!(of("/eu/dc1/[ssd1] b.vmdk"), found("/eu/dc1", "[ssd1] b.vmdk"));
        assert_eq!(of("[ssd1] b.vmdk"), found("", "[ssd1] b.vmdk"));
        assert_eq!(of("/dc1/ssd1/b.vmdk"), None);
        assert_eq!(of("/dc1/[ssd1]"), None);
    }
}
