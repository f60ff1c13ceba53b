//! Managed objects of any type, found by the ids, UUIDs and paths that configurations and imports name them by.
use crate::common::{entity, lookup, machine};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Diagnostics, Result};
use vsphere_client::MoRef;

/// The entity that a configuration names. A distributed switch may be named by its UUID, as the official data
/// source gives it.
///
/// # Errors
/// An id that does not show its type, or a switch that is not there.
pub async fn resolve(
    vsphere: &Vsphere,
    id: &str,
    ty: Option<&str>,
    id_field: tf_framework::Field,
    type_field: tf_framework::Field,
) -> Result<MoRef> {
    existing(vsphere, id, ty, id_field, type_field).await?.ok_or_else(|| {
        let what = if ty == Some("VirtualMachine") { "virtual machine" } else { "distributed switch" };
        let detail = format!("Expected the ID or the UUID of a {what} of this vCenter.");
        Diagnostics::error(id_field, format!("There is no {what} {id}"), detail)
    })
}

/// The entity that a state names; `None` for a switch or a virtual machine that is named by its UUID and does not exist.
///
/// # Errors
/// An id that does not show its type.
pub async fn existing(
    vsphere: &Vsphere,
    id: &str,
    ty: Option<&str>,
    id_field: tf_framework::Field,
    type_field: tf_framework::Field,
) -> Result<Option<MoRef>> {
    let entity = entity::resolve(id, ty, &vsphere.api.root_folder(), id_field, type_field)?;
    let switch = matches!(&*entity.ty, "VmwareDistributedVirtualSwitch" | "DistributedVirtualSwitch");
    if switch && !id.starts_with("dvs-") {
        // The official data source knows a switch by its UUID.
        let found = vsphere.api.distributed_switches().by_uuid(id).await;
        return found.doing(format!("find the distributed switch {id}"));
    }
    if &*entity.ty == "VirtualMachine" && machine::is_uuid(id) {
        return machine::by_id(vsphere, id).await;
    }
    Ok(Some(entity))
}

/// Whether two names identify the same entity: `root` and the root folder's id, the UUID of a switch or of a virtual
/// machine and its id.
pub async fn same_entity(vsphere: &Vsphere, a: (&str, Option<&str>), b: (&str, Option<&str>)) -> bool {
    const NAMELESS: tf_framework::Field = tf_framework::Field("");
    if a.0 == b.0 {
        return true;
    }
    let a = resolve(vsphere, a.0, a.1, NAMELESS, NAMELESS).await;
    let b = resolve(vsphere, b.0, b.1, NAMELESS, NAMELESS).await;
    matches!((a, b), (Ok(a), Ok(b)) if a.id == b.id)
}

/// The object at an inventory path, for an import.
///
/// # Errors
/// A path at which nothing is.
pub async fn object_at(vsphere: &Vsphere, path: &str) -> Result<MoRef> {
    match lookup::at_path(vsphere, path).await? {
        Some(object) => Ok(object),
        None => {
            let detail = lookup::missing_part(vsphere, path).await;
            Err(Diagnostics::error(
                AttributePath::root(),
                format!("There is nothing at {path}"),
                detail.trim_end(),
            ))
        }
    }
}
