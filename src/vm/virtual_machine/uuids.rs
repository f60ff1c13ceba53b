//! The UUIDs of a virtual machine: a configuration can set them for a new one, and they do not change afterwards.
use super::model::{VirtualMachineModel as M, canonical_uuid, title};
use crate::fault::{Doing, capital};
use crate::plan_registry::{PlanRegistry, Planned};
use crate::run_notes::{RunNotes, STATE_TIMEOUT};
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Diagnostics, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::vim::types::VirtualMachineConfigSpec;
use vsphere_client::virtual_machine::VirtualMachine as Machine;

/// The UUID that is set, in the spelling of vSphere.
fn set(v: &Value<String>) -> Option<String> {
    v.known().and_then(|text| canonical_uuid(text))
}

/// The instance UUID that the configuration sets for a new virtual machine.
pub(super) fn instance(plan: &M) -> Option<String> {
    set(&plan.instance_uuid)
}

/// The BIOS UUID that the configuration sets for a new virtual machine.
pub(super) fn bios(plan: &M) -> Option<String> {
    set(&plan.bios_uuid)
}

/// Adds the UUIDs to the request for a virtual machine that was just created, where its source could not be given them.
pub(super) fn complete(plan: &M, vm: &Machine, spec: &mut VirtualMachineConfigSpec) {
    let differs = |wanted: Option<String>, is: Option<&str>| {
        wanted.filter(|uuid| !is.is_some_and(|is| uuid.eq_ignore_ascii_case(is)))
    };
    spec.uuid = differs(bios(plan), vm.bios_uuid());
    spec.instance_uuid = differs(instance(plan), vm.instance_uuid());
}

/// What is wrong with a plan for an existing virtual machine that has these UUIDs. Pure.
fn changes(wanted: &M, bios: &str, instance: &str) -> Diagnostics {
    let mut out = Diagnostics::default();
    for (field, words, value, is) in [
        (M::BIOS_UUID, "BIOS UUID", &wanted.bios_uuid, bios),
        (M::INSTANCE_UUID, "instance UUID", &wanted.instance_uuid, instance),
    ] {
        let (Some(wanted_uuid), Some(is)) = (set(value), canonical_uuid(is)) else { continue };
        if wanted_uuid == is {
            continue;
        }
        let detail = format!(
            "`{}` is {wanted_uuid:?}, but {} has the {words} {is:?}. The {words} of an existing virtual machine cannot be \
             changed. Set {is:?}, or remove the argument. To replace the virtual machine, also change `replace_trigger`.",
            field.0,
            title(wanted),
        );
        let summary = format!("The {words} of {} cannot be changed", title(wanted));
        out.merge(Diagnostics::error(field, summary, detail));
    }
    out
}

/// Rejects other UUIDs than those that the state has.
pub(super) fn plan(prior: Option<&M>, planned: &M) -> Diagnostics {
    let Some(prior) = prior else { return Diagnostics::default() };
    changes(planned, prior.uuid.as_str(), prior.instance_uuid.as_str())
}

/// Rejects other UUIDs than those that the virtual machine has, which a plan with unknown values could not compare.
///
/// # Errors
/// The configuration sets another one.
pub(super) fn kept(config: Option<&M>, vm: &Machine) -> Result<()> {
    let Some(config) = config else { return Ok(()) };
    let (bios, instance) = (vm.bios_uuid(), vm.instance_uuid());
    changes(config, bios.unwrap_or_default(), instance.unwrap_or_default()).into_result(())
}

fn in_use(uuid: &str, path: &str, holder: &MoRef) -> Diagnostics {
    let detail = format!(
        "{path} ({}) has the instance UUID {uuid:?}, which must be unique in vCenter. Set another one, remove \
         `instance_uuid`, or import the virtual machine: terraform import <address> {path:?}",
        holder.id
    );
    Diagnostics::error(M::INSTANCE_UUID, "The instance UUID is in use", detail)
}

async fn holder(vsphere: &Vsphere, uuid: &str) -> Result<Option<MoRef>> {
    let found = vsphere.api.virtual_machines().all_by_uuid(uuid, true).await;
    let found = found.doing(format!("look for a virtual machine with the instance UUID {uuid:?}"))?;
    Ok(found.into_iter().next())
}

async fn path(vsphere: &Vsphere, object: &MoRef) -> String {
    vsphere.api.find().path_of(object).await.unwrap_or_else(|_| object.to_string())
}

/// Rejects an instance UUID that another virtual machine has: vSphere would replace it, or reject the virtual machine.
///
/// # Errors
/// It is in use, or the call fails.
pub(super) async fn unused(vsphere: &Vsphere, plan: &M) -> Result<()> {
    let Some(uuid) = instance(plan) else { return Ok(()) };
    match holder(vsphere, &uuid).await? {
        Some(object) => Err(in_use(&uuid, &path(vsphere, &object).await, &object)),
        None => Ok(()),
    }
}

/// The same for a plan: a virtual machine that is in the state may be destroyed first.
pub(super) async fn check(vsphere: &Vsphere, planned: &M) -> Diagnostics {
    let none = Diagnostics::default();
    let Some(uuid) = instance(planned) else { return none };
    if !vsphere.run::<PlanRegistry>().claim(&format!("instance UUID {uuid}"), Planned::Created, "") {
        let detail = "An instance UUID must be unique in vCenter. Set another one for each virtual machine, or remove \
                      `instance_uuid`.";
        let summary = format!(
            "{} has the instance UUID of another virtual machine of this plan",
            capital(&title(planned))
        );
        return Diagnostics::error(AttributePath::from(M::INSTANCE_UUID), summary, detail);
    }
    let Ok(Some(object)) = holder(vsphere, &uuid).await else { return none };
    match vsphere.run::<RunNotes>().course_of(&object, STATE_TIMEOUT).await {
        (None, true) => in_use(&uuid, &path(vsphere, &object).await, &object),
        _ => none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::VirtualMachineConfigInfo;

    const A: &str = "4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47";
    const B: &str = "50310a11-0000-4000-8000-00000000000b";

    fn upper_without_dashes(uuid: &str) -> String {
        uuid.replace('-', "").to_uppercase()
    }

    #[test]
    fn uuids_of_an_existing_virtual_machine_do_not_change() {
        let state = M { uuid: A.into(), instance_uuid: B.into(), ..M::default() };
        let wanted = |bios: Value<String>, instance: Value<String>| M {
            name: "web".into(),
            bios_uuid: bios,
            instance_uuid: instance,
            ..M::default()
        };
        let spelled = |uuid: &str| Value::Known(upper_without_dashes(uuid));
        for (planned, at) in [
            (wanted(Value::Null, Value::Null), vec![]),
            (wanted(Value::Unknown, Value::Unknown), vec![]),
            (wanted(A.into(), B.into()), vec![]),
            (wanted(spelled(A), spelled(B)), vec![]),
            (wanted(B.into(), Value::Null), vec!["bios_uuid"]),
            (wanted(B.into(), A.into()), vec!["bios_uuid", "instance_uuid"]),
        ] {
            let found = plan(Some(&state), &planned);
            assert_eq!(found.0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>(), at, "{found}");
            assert!(
                found.0.iter().all(|d| d.detail.contains(A) && d.detail.contains("replace_trigger")),
                "{found}"
            );
        }
        // A state of the official provider that was not refreshed has no instance UUID, and a new one has neither.
        let official = M { instance_uuid: Value::Null, ..state };
        assert!(plan(Some(&official), &wanted(A.into(), A.into())).is_empty());
        assert!(plan(None, &wanted(A.into(), B.into())).is_empty());
    }

    #[test]
    fn a_new_virtual_machine_gets_the_uuids_that_its_source_did_not_take() {
        let config = VirtualMachineConfigInfo {
            uuid: A.to_uppercase(),
            instance_uuid: Some(A.to_owned()),
            ..Default::default()
        };
        let vm = Machine { config: Some(Box::new(config)), ..Default::default() };
        let mut spec = VirtualMachineConfigSpec::default();
        complete(
            &M { bios_uuid: Value::Unknown, instance_uuid: Value::Unknown, ..M::default() },
            &vm,
            &mut spec,
        );
        assert_eq!(spec, VirtualMachineConfigSpec::default());
        let wanted = M { bios_uuid: A.into(), instance_uuid: upper_without_dashes(B).into(), ..M::default() };
        complete(&wanted, &vm, &mut spec);
        assert_eq!((spec.uuid, spec.instance_uuid.as_deref()), (None, Some(B)));
    }
}
