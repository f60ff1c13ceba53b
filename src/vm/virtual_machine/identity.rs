//! Which virtual machine a state is about.
use super::model::{VirtualMachineModel as M, title};
use super::uuids;
use crate::common::lookup;
use crate::common::machine::is_uuid;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use serde_json::{Value as Json, json};
use tf_framework::{AttributePath, Diagnostics, Result};
use vsphere_client::virtual_machine::{Identity, Sighting, VirtualMachine};
use vsphere_client::{MoRef, readable};

/// What is kept beside the state: the folder that holds the machine.
pub(super) const PLACE: &str = "place";

/// A machine that was found.
pub(super) struct Found {
    pub(super) object: MoRef,
    pub(super) vm: Box<VirtualMachine>,
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|t| !t.is_empty())
}

/// What the state knows it by.
fn identity(m: &M, place: Option<&Json>) -> Identity {
    let id = Some(m.id.as_str()).filter(|id| is_uuid(id));
    let folder = place.and_then(Json::as_str).map(|id| MoRef::new("Folder", id));
    Identity {
        object: some(m.moid.as_str()).map(|id| MoRef::new("VirtualMachine", id)),
        instance_uuid: uuids::instance(m).or_else(|| some(m.instance_uuid.as_str())),
        bios_uuid: some(m.uuid.as_str()).or_else(|| id.map(str::to_owned)),
        place: folder.zip(some(m.name.as_str())),
    }
}

/// What is kept as the place of a machine.
pub(super) fn place(vm: &VirtualMachine) -> Json {
    vm.parent.as_ref().map_or(Json::Null, |p| json!(&*p.id))
}

/// Finds the virtual machine of a state, wherever it is now. `None`: it does not exist.
///
/// # Errors
/// Another virtual machine is in its place: neither is used instead of the other.
pub(super) async fn find(vsphere: &Vsphere, state: &M, kept: Option<&Json>) -> Result<Option<Found>> {
    let mut known = identity(state, kept);
    if known.object.is_none() && known.bios_uuid.is_none() && known.instance_uuid.is_none() {
        // A state of version 0 has a path for an id.
        known.object = Some(lookup::imported(vsphere, state.id.as_str(), "VirtualMachine").await?);
    }
    let sighting = vsphere.api.virtual_machines().find(&known).await;
    match sighting.doing(format!("find {}", title(state)))? {
        Sighting::Found { object, vm } => Ok(Some(Found { object, vm })),
        Sighting::NotFound => Ok(None),
        Sighting::Other { object, name, instance_uuid, why } => {
            let other = match instance_uuid {
                Some(uuid) => format!("{object}, {name:?}, instance UUID {uuid}"),
                None => format!("{object}, {name:?}"),
            };
            let detail = format!(
                "It was {} (instance UUID {}). There is another one ({other}): {why}. Neither is taken for the other, and \
                 nothing is made beside it. If that is the virtual machine that is meant, take the old one out of the state \
                 (`terraform state rm`) and import {object}; if not, move or rename it, or give this one another name.",
                known.object.map_or_else(|| "known by its UUIDs".to_owned(), |o| o.to_string()),
                known.instance_uuid.as_deref().unwrap_or("not known"),
            );
            let summary = format!("Another virtual machine is where {} was", title(state));
            Err(Diagnostics::error(AttributePath::root(), summary, detail))
        }
        _ => Ok(None),
    }
}

/// The machine that an import id names: an inventory path, a managed object id, an instance UUID or a BIOS UUID.
///
/// # Errors
/// It names none, or several.
pub(super) async fn imported(vsphere: &Vsphere, id: &str) -> Result<MoRef> {
    if !is_uuid(id) {
        return lookup::imported(vsphere, id, "VirtualMachine").await;
    }
    let machines = vsphere.api.virtual_machines();
    let doing = || format!("find the virtual machine {id}");
    for instance in [true, false] {
        let found = machines.all_by_uuid(id, instance).await.doing(doing())?;
        match found.as_slice() {
            [] => {}
            [one] => return Ok(one.clone()),
            many => {
                let mut names = vec![];
                for object in many {
                    let path = vsphere.api.find().path_of(object).await;
                    names.push(format!("{object} ({})", path.unwrap_or_default()));
                }
                let detail = format!("Import one by its managed object id: {}.", names.join(", "));
                let summary = format!("{} virtual machines have the BIOS UUID {id}", many.len());
                return Err(Diagnostics::error(AttributePath::root(), summary, detail));
            }
        }
    }
    let detail =
        "No virtual machine has that instance UUID or BIOS UUID, or the user lacks `System.View` on it.";
    Err(Diagnostics::error(
        AttributePath::root(),
        format!("The virtual machine {id:?} does not exist"),
        detail,
    ))
}

/// The name as it is written in configurations.
pub(super) fn name_of(vm: &VirtualMachine) -> String {
    readable(&vm.name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_is_known_the_surer_it_is_found() {
        let uuid = "0d2dc542-8cc4-54b5-a0a6-7fd84ec2a028";
        let official = M { id: uuid.into(), moid: "vm-7".into(), name: "web".into(), ..M::default() };
        let known = identity(&official, Some(&json!("group-v3")));
        assert_eq!(known.bios_uuid.as_deref(), Some(uuid));
        assert_eq!(known.object, Some(MoRef::new("VirtualMachine", "vm-7")));
        assert_eq!(known.place, Some((MoRef::new("Folder", "group-v3"), "web".to_owned())));
        let path = M { id: "team/web".into(), ..M::default() };
        assert_eq!(identity(&path, None), Identity::default());
    }

    #[test]
    fn title_has_the_path_or_a_reference() {
        let model = |name: &str, folder: &str| M {
            name: name.into(),
            folder: folder.into(),
            moid: "vm-7".into(),
            ..M::default()
        };
        for (name, folder, expected) in [
            ("web", "", "the virtual machine \"web\""),
            ("web", "team/a", "the virtual machine \"team/a/web\""),
            ("web", "/dc1/vm/team/", "the virtual machine \"/dc1/vm/team/web\""),
            ("", "", "VirtualMachine:vm-7"),
        ] {
            assert_eq!(title(&model(name, folder)), expected);
        }
    }

    #[test]
    fn uuids_are_recognized_by_their_form() {
        assert!(is_uuid("0d2dc542-8cc4-54b5-a0a6-7FD84EC2A028"));
        for text in [
            "",
            "vm-7",
            "/dc/vm/a",
            "0d2dc5428cc454b5a0a67fd84ec2a028",
            "0d2dc542-8cc4-54b5-a0a6-7fd84ec2a02g",
            "0d2dc54-28cc4-54b5-a0a6-7fd84ec2a028",
            "{0d2dc542-8cc4-54b5-a0a6-7fd84ec2a028}",
            "urn:uuid:0d2dc542-8cc4-54b5-a0a6-7fd84ec2a028",
            "0d2dc542-8cc4-54b5-a0a6-7fd84ec2a028 ",
            "ää2dc542-8cc4-54b5-a0a6-7fd84ec2a0",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
