//! Where datastores and datastore clusters are: folders of datastores.
use super::folders;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::fmt::Display;
use tf_framework::{Cx, Diagnostics, Field, Resource, Result};
use vsphere_client::{Area, MoRef};

/// The folder at a path below the folder of datastores in a datacenter; an empty path is that folder itself.
///
/// # Errors
/// There is no such folder, with the nearest name.
pub(crate) async fn folder(vsphere: &Vsphere, datacenter: &MoRef, path: &str, at: Field) -> Result<MoRef> {
    let found = folders::find(vsphere, datacenter, Area::Datastore, path, at).await?;
    if &*found.ty == "StoragePod" {
        let detail = "A datastore is moved into a datastore cluster with `datastore_cluster_id`, and a datastore cluster does \
                      not contain other datastore clusters.";
        return Err(Diagnostics::error(at, format!("{path:?} is a datastore cluster"), detail));
    }
    Ok(found)
}

/// The path of the folder that holds a datastore or datastore cluster, below the folder of datastores; nothing for that
/// folder itself, and for a datastore cluster.
///
/// # Errors
/// It cannot be read.
pub(crate) async fn path(vsphere: &Vsphere, parent: &MoRef) -> Result<Option<String>> {
    if &*parent.ty != "Folder" {
        return Ok(None);
    }
    let path = vsphere.api.find().path_in_datacenter(parent).await;
    Ok(Some(path.doing(format!("find the path of {parent}"))?).filter(|p| !p.is_empty()))
}

/// Moves an object into a folder or datastore cluster, unless it is in there by now.
///
/// # Errors
/// vSphere does not move it: at the attribute `at`.
pub(crate) async fn move_into<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    object: &MoRef,
    to: &MoRef,
    title: impl Display,
    at: Field,
) -> Result<()> {
    let vsphere = cx.client();
    let now = vsphere.api.entities().get(object).await;
    if now.doing(format!("read {title}"))?.parent.as_ref() == Some(to) {
        return Ok(());
    }
    let timeout = cx.timeout(vsphere.timeout);
    let moved = vsphere.api.folders().move_into(to, std::slice::from_ref(object), timeout, cx.cancel()).await;
    moved.doing_to(format!("move {title} to {to}"), |_| Some(at))
}
