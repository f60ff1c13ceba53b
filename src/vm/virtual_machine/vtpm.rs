//! The virtual trusted platform module.
use super::VirtualMachineModel as M;
use super::assembly::Assembly;
use super::effects::Effects;
use super::model::VtpmModel;
use tf_framework::Diagnostics;
use vsphere_client::Error;
use vsphere_client::device::{Devices, Files, key, new_tpm};
use vsphere_client::vim::types::VirtualDeviceKind;
use vsphere_client::virtual_machine::VirtualMachine;

const WORDS: &str = "the virtual trusted platform module";
const WHY: &str = "it only comes and goes while the virtual machine is off";

/// What is said where a module was refused.
pub(super) const NO_PROVIDER: &str = "A virtual trusted platform module needs a key provider: see Configure > Key Providers \
                                      of the vCenter. Without a default one, no virtual machine with a module is made.";

/// Whether a fault may be about the module: those that name nothing else.
pub(super) fn may_be_about(e: &Error) -> bool {
    const NAMES: &[&str] =
        &["GenericVmConfigFault", "InvalidVmConfig", "VmConfigFault", "RuntimeFault", "NotSupported"];
    e.fault().is_some_and(|f| NAMES.contains(&&*f.name) && f.detail.text_of("property").is_none())
}

/// Whether there is one; nothing while that is not known.
pub(super) fn declared(model: &M) -> Option<bool> {
    if model.vtpm.is_unknown() { None } else { Some(model.vtpm.known().is_some_and(|b| !b.is_empty())) }
}

fn there(devices: &Devices) -> Option<&VirtualDeviceKind> {
    devices.iter().find(|d| matches!(d, VirtualDeviceKind::VirtualTPM(_)))
}

/// What is wrong whatever the machine is like.
pub(super) fn validate(config: &M) -> Diagnostics {
    // Not set, it is bios.
    if declared(config) == Some(true) && !config.firmware.is_unknown() && config.firmware.as_str() != "efi" {
        let detail = "Guests reach the module by EFI alone. Set `firmware = \"efi\"`.";
        let at = M::VTPM.index(0).field(VtpmModel::VERSION);
        return Diagnostics::error(at, "`vtpm` needs the firmware efi", detail);
    }
    Diagnostics::default()
}

/// Returns the changes that require powering off. The secrets of a module are lost with it.
pub(super) fn plan(prior: Option<&M>, planned: &M) -> Effects {
    let mut effects = Effects::default();
    let Some(before) = prior.and_then(declared) else { return effects };
    match (before, declared(planned)) {
        (true, Some(false)) => {
            effects.power_off(M::VTPM, format!("{WORDS}: {WHY}"));
            effects.destroys(M::VTPM, format!("{WORDS}, with the keys that the guest keeps in it"));
        }
        (false, Some(true)) => effects.power_off(M::VTPM.index(0), format!("{WORDS}: {WHY}")),
        _ => {}
    }
    effects
}

/// Brings the devices to what is planned; a module that the state does not know is left alone.
pub(super) fn assemble(prior: Option<&M>, plan: &M, out: &mut Assembly) -> Effects {
    let mut effects = Effects::default();
    let module = there(&out.devices).cloned();
    match (declared(plan) == Some(true), module) {
        (true, None) => {
            effects.power_off(M::VTPM.index(0), format!("{WORDS}: {WHY}"));
            out.add(M::VTPM.index(0), WORDS.to_owned(), new_tpm(0));
        }
        (false, Some(module)) if prior.and_then(declared) == Some(true) => {
            effects.power_off(M::VTPM, format!("{WORDS}: {WHY}"));
            effects.destroys(M::VTPM, format!("{WORDS}, with the keys that the guest keeps in it"));
            out.remove(M::VTPM.into(), WORDS.to_owned(), module, Files::Keep);
        }
        _ => {}
    }
    effects
}

/// The block of the state, if the machine has a module.
pub(super) fn observed(vm: &VirtualMachine, state: &M, imported: bool) -> Vec<VtpmModel> {
    let devices = vm.devices();
    let before = state.vtpm.get();
    match there(&devices) {
        Some(module) if before.is_empty() && imported && key(module) != 0 => {
            vec![VtpmModel { version: "2.0".into() }]
        }
        Some(_) => before,
        None => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_framework::Value;
    use vsphere_client::device::HardwareVersion;

    fn model(there: bool) -> M {
        let block = VtpmModel { version: "2.0".into() };
        M { vtpm: if there { vec![block] } else { vec![] }.into(), ..Default::default() }
    }

    #[test]
    fn it_comes_and_goes_while_the_machine_is_off_and_only_if_it_is_ours() {
        let machine = |has: bool| {
            let devices = if has { vec![new_tpm(11000)] } else { vec![] };
            Assembly::of(Devices::new(devices), HardwareVersion(19))
        };
        // before (none: created), declared, there; changes
        for (before, declared, has, changes) in [
            (None, true, false, 1),
            (None, true, true, 0),
            (None, false, true, 0),
            (Some(false), true, false, 1),
            (Some(false), false, true, 0),
            (Some(true), true, true, 0),
            (Some(true), true, false, 1),
            (Some(true), false, true, 1),
            (Some(true), false, false, 0),
        ] {
            let prior = before.map(model);
            let mut out = machine(has);
            let effects = assemble(prior.as_ref(), &model(declared), &mut out);
            assert_eq!(out.finish().0.len(), changes, "{before:?} {declared} {has}");
            assert_eq!(effects.power_off.len(), changes);
        }
        assert_eq!(plan(Some(&model(true)), &model(false)).destroys.len(), 1);
        assert_eq!(plan(Some(&model(true)), &model(true)), Effects::default());
        assert_eq!(plan(None, &model(true)), Effects::default());
    }

    #[test]
    fn it_needs_efi() {
        let with = |firmware: Value<String>| validate(&M { firmware, ..model(true) });
        assert!(with("efi".into()).is_empty());
        assert!(with(Value::Unknown).is_empty());
        assert!(with("bios".into()).has_errors());
        assert_eq!(with(Value::Null).0[0].at.to_string(), "vtpm[0].version");
        assert!(validate(&model(false)).is_empty());
    }
}
