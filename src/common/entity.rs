//! Managed objects, as users name them: an id, and often a type.
use crate::nearest::did_you_mean;
use tf_framework::{Diagnostics, Dynamic, Field, Result, Value};
use vsphere_client::MoRef;

/// The types whose objects a configuration can name, with the beginnings of their ids. The longest fits first.
const PREFIXES: [(&str, &str); 18] = [
    ("group-p", "StoragePod"),
    ("group-d", "Folder"),
    ("group-h", "Folder"),
    ("group-n", "Folder"),
    ("group-s", "Folder"),
    ("group-v", "Folder"),
    ("group-", "Folder"),
    ("datacenter-", "Datacenter"),
    ("domain-c", "ClusterComputeResource"),
    ("domain-s", "ComputeResource"),
    ("host-", "HostSystem"),
    ("datastore-", "Datastore"),
    // An NSX segment: `network-o1001`.
    ("network-o", "OpaqueNetwork"),
    ("network-", "Network"),
    ("dvportgroup-", "DistributedVirtualPortgroup"),
    ("resgroup-v", "VirtualApp"),
    ("resgroup-", "ResourcePool"),
    ("vm-", "VirtualMachine"),
];

pub use crate::vsphere::TYPES;

/// The type that an id shows: vCenter begins the ids of each type with the same letters.
pub fn type_of(id: &str) -> Option<&'static str> {
    // A switch: `dvs-21`. It is listed separately because its class has two names.
    if id.starts_with("dvs-") {
        return Some("VmwareDistributedVirtualSwitch");
    }
    PREFIXES.iter().find(|(p, _)| id.starts_with(p)).map(|(_, t)| *t)
}

/// A check for attributes that take the type of a tagged object; an empty one is unset.
///
/// # Errors
/// The types that there are, and the nearest one.
pub fn taggable(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.is_empty() || TYPES.contains(&text) {
        return Ok(());
    }
    let near = did_you_mean(text, TYPES.iter().copied());
    Err(format!("vSphere has no taggable type {text:?}.{near} Expected one of {}.", TYPES.join(", ")))
}

/// A type in the words of those who use vSphere, with an article.
pub fn words(ty: &str) -> &str {
    match ty {
        "ClusterComputeResource" => "a cluster",
        "ComputeResource" => "a standalone host's compute resource",
        "Datacenter" => "a datacenter",
        "Datastore" => "a datastore",
        "DistributedVirtualPortgroup" => "a distributed port group",
        "DistributedVirtualSwitch" | "VmwareDistributedVirtualSwitch" => "a distributed switch",
        "Folder" => "a folder",
        "HostSystem" => "a host",
        "Network" | "OpaqueNetwork" => "a network",
        "ResourcePool" => "a resource pool",
        "StoragePod" => "a datastore cluster",
        "VirtualApp" => "a vApp",
        "VirtualMachine" => "a virtual machine",
        other => other,
    }
}

/// The object that `id` and `ty` name; `root` is the root folder.
///
/// # Errors
/// An id that does not show its type, while no type is given.
pub fn resolve(
    id: &str,
    ty: Option<&str>,
    root: &MoRef,
    id_field: Field,
    type_field: Field,
) -> Result<MoRef> {
    if id == "root" {
        return Ok(root.clone());
    }
    let ty = match ty {
        Some(ty) => ty,
        None => type_of(id).ok_or_else(|| {
            let detail = format!(
                "The ID {id:?} does not show what it is the ID of. Set `{}`, for example to \"Folder\".",
                type_field.0
            );
            Diagnostics::error(id_field, format!("`{}` is needed", type_field.0), detail)
        })?,
    };
    Ok(MoRef::new(ty, id))
}

/// What `entity_type` is in the plan: as configured, or as the id shows; unknown while the id is.
pub fn planned_type(id: &Value<String>, ty: &Value<String>) -> Value<String> {
    match (ty, id) {
        (Value::Known(ty), _) => Value::Known(ty.clone()),
        (_, Value::Known(id)) if id == "root" => "Folder".into(),
        (_, Value::Known(id)) => type_of(id).map_or(Value::Unknown, Value::from),
        _ => Value::Unknown,
    }
}

/// A check for attributes that take the id of a managed object.
///
/// # Errors
/// What else it seems to be.
pub fn id(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return Err("The ID is empty. Expected the ID of a managed object, such as \"group-v3\".".into());
    }
    if text.starts_with("urn:vmomi:InventoryServiceTag:") {
        return Err(format!(
            "{text:?} is the ID of a tag. Expected the ID of a managed object, such as \"group-v3\"."
        ));
    }
    if text.contains('/') {
        return Err(format!(
            "{text:?} is an inventory path. Expected the ID of a managed object, such as \"group-v3\": a data source \
             gives the ID of the object at a path."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_show_their_type() {
        for (id, ty) in [
            ("group-d1", Some("Folder")),
            ("group-p12", Some("StoragePod")),
            ("domain-c7", Some("ClusterComputeResource")),
            ("resgroup-v9", Some("VirtualApp")),
            ("resgroup-9", Some("ResourcePool")),
            ("dvs-21", Some("VmwareDistributedVirtualSwitch")),
            ("5033-uuid", None),
        ] {
            assert_eq!(type_of(id), ty, "{id}");
        }
    }
}
