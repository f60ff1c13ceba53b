//! Custom attributes, found by name.
use crate::common::entity;
use crate::fault::Doing;
use crate::nearest::{did_you_mean, listed};
use crate::vsphere::Vsphere;
use std::sync::Arc;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Result};
use vsphere_client::custom_fields::Definition;

/// What else can carry custom attributes, by the API. vCenter itself has some for scheduled tasks.
const OTHER_TYPES: [&str; 16] = [
    "Alarm",
    "ClusterEVCManager",
    "HostCpuSchedulerSystem",
    "HostFirewallSystem",
    "HostGraphicsManager",
    "HostMemorySystem",
    "HostNetworkSystem",
    "HostPciPassthruSystem",
    "HostServiceSystem",
    "HostStorageSystem",
    "HostVMotionSystem",
    "HostVirtualNicManager",
    "ManagedEntity",
    "ScheduledTask",
    "Task",
    "VirtualMachineSnapshot",
];

/// A check for attributes that take the type of object that a custom attribute is for; empty stands for all of them.
///
/// # Errors
/// The types that there are.
pub fn object_type(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.is_empty() || entity::TYPES.contains(&text) || OTHER_TYPES.contains(&text) {
        return Ok(());
    }
    let near = did_you_mean(text, entity::TYPES.iter().copied());
    Err(format!(
        "{text:?} is not a type of object that has custom attributes.{near} The types are {}; leave the argument out for all.",
        entity::TYPES.join(", ")
    ))
}

/// All custom attributes of the vCenter; read once for all who ask.
///
/// # Errors
/// Why they cannot be read.
pub async fn all(vsphere: &Vsphere) -> Result<Arc<[Definition]>> {
    let all: vsphere_client::Result<Arc<[Definition]>> = vsphere.api.custom_fields().definitions().await;
    all.doing("list the custom attributes")
}

/// For which objects an attribute is, for a sentence.
pub fn of(d: &Definition) -> String {
    match &d.managed_object_type {
        Some(ty) => format!("for objects of type {ty}"),
        None => "for objects of all types".to_owned(),
    }
}

/// The attribute of that name.
///
/// # Errors
/// There is none, or there are several.
pub fn named<'a>(all: &'a [Definition], name: &str, at: impl Into<AttributePath>) -> Result<&'a Definition> {
    let found: Vec<&Definition> = all.iter().filter(|d| d.name == name).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let names: Vec<String> = all.iter().map(|d| d.name.clone()).collect();
            let detail = if names.is_empty() {
                "The vCenter has no custom attributes at all.".to_owned()
            } else {
                format!("There are the custom attributes {}", listed(names, name))
            };
            Err(Diagnostics::error(at, format!("There is no custom attribute {name:?}"), detail))
        }
        several => {
            let each: Vec<String> = several.iter().map(|d| format!("{} ({})", d.key, of(d))).collect();
            let detail = format!(
                "They have the IDs {}. Rename all but one of them, or use the ID where one is asked for.",
                each.join(", ")
            );
            let summary = format!("{} custom attributes are called {name:?}", several.len());
            Err(Diagnostics::error(at, summary, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(key: i32, name: &str, ty: Option<&str>) -> Definition {
        Definition { key, name: name.into(), managed_object_type: ty.map(str::to_owned) }
    }

    #[test]
    fn a_name_is_found_or_explained() {
        let all = [
            d(101, "owner", None),
            d(102, "cost", Some("VirtualMachine")),
            d(103, "cost", Some("HostSystem")),
        ];
        let at = AttributePath::root;
        assert_eq!(named(&all, "owner", at()).unwrap().key, 101);
        let none = named(&all, "ownr", at()).unwrap_err();
        assert!(none.0[0].detail.contains("Did you mean \"owner\"?"), "{none}");
        let several = named(&all, "cost", at()).unwrap_err();
        assert!(several.0[0].detail.contains("102 (for objects of type VirtualMachine), 103"), "{several}");
        assert!(named(&[], "x", at()).unwrap_err().0[0].detail.contains("no custom attributes at all"));
    }

    #[test]
    fn object_types_are_checked() {
        for ty in ["VirtualMachine", "ScheduledTask", ""] {
            assert_eq!(object_type(&ty.into()), Ok(()));
        }
        assert!(
            object_type(&"virtualMachine".into()).unwrap_err().contains("Did you mean \"VirtualMachine\"?")
        );
    }
}
