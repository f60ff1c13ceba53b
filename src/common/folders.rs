//! Folders, as the attribute `folder` of many resources names them: by a path below the root folder of one area of a
//! datacenter, such as `team/web` for `/dc1/vm/team/web`.
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use std::fmt::Display;
use tf_framework::{Cx, Diagnostics, Dynamic, Field, Resource, Result};
use vsphere_client::datacenter::Area;
use vsphere_client::{FaultKind, Kind, MoRef, stored_path};

/// The name that vCenter gives to the root folder of an area, and what the area holds.
fn area_words(area: Area) -> (&'static str, &'static str) {
    match area {
        Area::Vm => ("vm", "virtual machines"),
        Area::Host => ("host", "hosts and clusters"),
        Area::Datastore => ("datastore", "datastores"),
        Area::Network => ("network", "networks"),
    }
}

/// A check for attributes that take such a path.
///
/// # Errors
/// The path contains `..`.
pub fn below(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.split('/').any(|s| s == "..") {
        return Err(format!(
            "{text:?} contains \"..\". Expected the path of a folder, such as \"team/web\"."
        ));
    }
    Ok(())
}

/// The folder at a path below the root folder of an area of a datacenter; the empty path is that root folder. The
/// inventory path of the folder (`/dc1/vm/team`) is accepted as well, as in the official provider.
///
/// # Errors
/// There is no such folder, with the most similar path, for the attribute `at`.
pub async fn find(vsphere: &Vsphere, datacenter: &MoRef, area: Area, path: &str, at: Field) -> Result<MoRef> {
    let path = stored_path(path);
    match vsphere.api.find().folder(Some((datacenter, area)), &path).await {
        Err(e) if e.is_not_found() => match absolute(vsphere, datacenter, area, &path).await {
            Some(folder) => Ok(folder),
            None => Err(missing(vsphere, datacenter, area, &path, at).await),
        },
        other => other.doing_to(format!("find the folder {path:?}"), |_| Some(at)),
    }
}

/// The folder of an inventory path, `dc1/vm/team`.
async fn absolute(vsphere: &Vsphere, datacenter: &MoRef, area: Area, path: &str) -> Option<MoRef> {
    let above = vsphere.api.find().path_of(datacenter).await.ok()?;
    let below = path.strip_prefix(above.trim_matches('/'))?.strip_prefix('/')?;
    let relative = below.strip_prefix(area_words(area).0)?;
    let relative = if relative.is_empty() { relative } else { relative.strip_prefix('/')? };
    vsphere.api.find().folder(Some((datacenter, area)), relative).await.ok()
}

/// The path of the folder that contains an object, below the root folder of its area; nothing for that root folder, and
/// where something else contains the object.
///
/// # Errors
/// It cannot be read.
pub async fn path(vsphere: &Vsphere, parent: Option<&MoRef>) -> Result<Option<String>> {
    let Some(parent) = parent.filter(|p| &*p.ty == "Folder") else { return Ok(None) };
    let path = vsphere.api.find().path_in_datacenter(parent).await;
    Ok(Some(path.doing(format!("find the path of {parent}"))?).filter(|p| !p.is_empty()))
}

/// Renames an object.
///
/// # Errors
/// vSphere does not rename it: at the attribute `at`.
pub async fn rename<R: Resource<Client = Vsphere>>(
    cx: &Cx<'_, R>,
    object: &MoRef,
    to: &str,
    title: impl Display,
    at: Field,
) -> Result<()> {
    let timeout = cx.timeout(cx.client().timeout);
    let done = cx.client().api.entities().rename(object, to, timeout, cx.cancel()).await;
    let blame = |fault: &FaultKind| (!matches!(fault, FaultKind::NoPermission { .. })).then_some(at);
    done.doing_to(format!("rename {title} to {to:?}"), blame)
}

/// Moves an object into a folder, or into a datastore cluster, unless it is in there by now: moving what is above may have
/// brought it there.
///
/// # Errors
/// vSphere does not move it: at the attribute `at`.
pub async fn move_into<R: Resource<Client = Vsphere>>(
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

async fn missing(vsphere: &Vsphere, datacenter: &MoRef, area: Area, path: &str, at: Field) -> Diagnostics {
    let above = vsphere.api.find().path_of(datacenter).await.unwrap_or_else(|_| datacenter.to_string());
    let all = vsphere.api.find().all(Kind::Folder(Some(area)), Some(datacenter)).await.unwrap_or_default();
    // Paths begin with the name of the root folder, which is not written.
    let paths: Vec<&str> =
        all.iter().filter_map(|f| f.path.trim_start_matches('/').split_once('/')).map(|p| p.1).collect();
    let near = did_you_mean(path, paths.iter().copied());
    let (root, holds) = area_words(area);
    let hint = match path.split_once('/') {
        Some((first, rest)) if first == root => format!(" The path begins below `{root}`: write {rest:?}."),
        _ => near,
    };
    let detail = format!(
        "Looked below the folder of {holds} in {above}.{hint} Create the folder with `vsphere_folder`, of type {root:?}, \
         or name another one."
    );
    Diagnostics::error(at, format!("There is no folder {path:?}"), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_does_not_lead_up() {
        assert!(below(&"a/../b".into()).is_err());
        assert!(below(&"/a/b".into()).is_ok() && below(&"".into()).is_ok());
    }
}
