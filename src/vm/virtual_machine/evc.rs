//! The EVC mode of a virtual machine: recognized by its masks, set by those of the mode.
use super::effects::Effects;
use super::model::{VirtualMachineModel as M, title};
use crate::common::lookup::listed;
use crate::common::once::Once;
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use std::sync::Arc;
use tf_framework::{Diagnostics, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::device::HardwareVersion;
use vsphere_client::vim::types::HostFeatureMask;
use vsphere_client::virtual_machine::{EvcMode, VirtualMachine as Machine, Wait};

/// The EVC modes that the vCenter knows.
#[derive(Default)]
struct EvcModes(Once<(), Arc<Vec<EvcMode>>>);

/// The first hardware version that has it.
const HARDWARE: i64 = 14;

/// What is wrong whatever the machine is like.
pub(super) fn validate(config: &M) -> Diagnostics {
    too_old(config)
}

fn too_old(m: &M) -> Diagnostics {
    let Some(version) = m.hardware_version.known().filter(|n| (1..HARDWARE).contains(*n)) else {
        return Diagnostics::default();
    };
    if m.evc_mode.as_str().is_empty() {
        return Diagnostics::default();
    }
    let detail = format!(
        "A virtual machine has an EVC mode of its own from hardware version {HARDWARE} on, and this one has {version}: set \
         `hardware_version = {HARDWARE}` or more, or leave `evc_mode` out."
    );
    Diagnostics::error(M::EVC_MODE, format!("`evc_mode` needs hardware version {HARDWARE}"), detail)
}

fn differs(prior: &M, plan: &M) -> bool {
    !plan.evc_mode.is_unknown() && prior.evc_mode.as_str() != plan.evc_mode.as_str()
}

/// Returns the changes that require powering off.
pub(super) fn plan(prior: Option<&M>, planned: &M) -> Effects {
    let mut effects = Effects::default();
    let Some(prior) = prior.filter(|prior| differs(prior, planned)) else { return effects };
    effects.diagnostics.merge(too_old(planned));
    let what = match (prior.evc_mode.as_str(), planned.evc_mode.as_str()) {
        ("", to) => format!("the EVC mode becomes {to}"),
        (from, "") => format!("the EVC mode {from} is taken away"),
        (from, to) => format!("the EVC mode changes from {from} to {to}"),
    };
    effects.power_off(M::EVC_MODE, what);
    effects
}

async fn modes(vsphere: &Vsphere) -> std::result::Result<Arc<Vec<EvcMode>>, vsphere_client::Error> {
    let look = async { Ok(Arc::new(vsphere.api.virtual_machines().evc_modes().await?)) };
    vsphere.run::<EvcModes>().0.get((), look).await
}

/// The masks of the planned mode: none at all takes the mode away; nothing where it stays.
///
/// # Errors
/// A mode that the vCenter does not know.
pub(super) async fn masks(
    vsphere: &Vsphere,
    prior: Option<&M>,
    plan: &M,
) -> Result<Option<Vec<HostFeatureMask>>> {
    let none = M::default();
    if !differs(prior.unwrap_or(&none), plan) {
        return Ok(None);
    }
    let key = plan.evc_mode.as_str();
    if key.is_empty() {
        return Ok(Some(vec![]));
    }
    let all = modes(vsphere).await.doing("read the EVC modes of the vCenter")?;
    match all.iter().find(|m| m.key == key) {
        Some(mode) => Ok(Some(mode.masks.clone())),
        None => Err(unknown(key, &all)),
    }
}

fn unknown(key: &str, all: &[EvcMode]) -> Diagnostics {
    let named =
        all.iter().find(|m| m.label == key).map(|m| format!(" {key:?} is a label: its mode is {:?}.", m.key));
    let hint = named.unwrap_or_else(|| did_you_mean(key, all.iter().map(|m| m.key.as_str())));
    let list = listed(all.iter().map(|m| format!("{} ({})", m.key, m.label)));
    let detail = if all.is_empty() {
        "The vCenter knows none.".to_owned()
    } else {
        format!("{}\nThe vCenter knows\n{list}", hint.trim_start())
    };
    Diagnostics::error(M::EVC_MODE, format!("There is no EVC mode {key:?}"), detail.trim_start().to_owned())
}

/// Gives the mode to a machine that is off.
///
/// # Errors
/// Those of the task.
pub(super) async fn apply(
    vsphere: &Vsphere,
    plan: &M,
    object: &MoRef,
    masks: &[HostFeatureMask],
    wait: Wait<'_>,
) -> Result<()> {
    let done = vsphere.api.virtual_machines().apply_evc_mode(object, masks, wait).await;
    let doing = format!("set the EVC mode of {}", title(plan));
    done.doing_to(doing, |_| Some(M::EVC_MODE))
}

/// What the state says. Only where it has a mode, or is only begun, are the modes of the vCenter read.
pub(super) async fn observed(vsphere: &Vsphere, vm: &Machine, imported: bool, state: &M) -> Value<String> {
    if vm.feature_masks.is_empty() || older(vm.hardware_version()) {
        return if state.evc_mode.as_str().is_empty() {
            state.evc_mode.clone()
        } else {
            String::new().into()
        };
    }
    if !imported && state.evc_mode.as_str().is_empty() {
        return state.evc_mode.clone();
    }
    let Ok(all) = modes(vsphere).await else { return state.evc_mode.clone() };
    let plain = |masks: &[HostFeatureMask]| -> Masks {
        masks.iter().map(|m| (m.feature_name.clone(), m.value.clone())).collect()
    };
    let there = plain(&vm.feature_masks);
    let known = all.iter().map(|m| (m.key.as_str(), plain(&m.masks)));
    match recognized(&there, known.collect(), state.evc_mode.as_str()) {
        Some(key) => key.to_owned().into(),
        // Masks that are not of a mode: the state's value no longer applies.
        None if imported => Value::Null,
        None => String::new().into(),
    }
}

/// Whether the masks cannot be those of a mode: older machines get them from the hosts and the cluster.
fn older(version: Option<HardwareVersion>) -> bool {
    version.is_some_and(|v| i64::from(v.0) < HARDWARE)
}

type Masks = BTreeSet<(String, String)>;

/// The mode that masks are those of: the one of the state where that is so, otherwise the one of most masks that are all
/// there. Pure.
fn recognized<'a>(there: &Masks, known: Vec<(&'a str, Masks)>, state: &str) -> Option<&'a str> {
    let fit = known.into_iter().filter(|(_, masks)| !masks.is_empty() && masks.is_subset(there));
    fit.max_by_key(|(key, masks)| (masks.len(), *key == state)).map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(of: &[&str]) -> Masks {
        of.iter().map(|name| ((*name).to_owned(), "Val:1".to_owned())).collect()
    }

    #[test]
    fn masks_of_older_machines_are_not_a_mode() {
        let older = |version: u32| older(Some(HardwareVersion(version)));
        assert!(older(11) && older(13) && !older(14) && !super::older(None));
    }

    #[test]
    fn a_mode_is_recognized_by_its_masks() {
        let known =
            || vec![("merom", masks(&["sse3"])), ("penryn", masks(&["sse3", "sse4"])), ("none", masks(&[]))];
        let twins = || vec![("a", masks(&["x"])), ("b", masks(&["x"]))];
        assert_eq!(recognized(&masks(&["sse3"]), known(), ""), Some("merom"));
        assert_eq!(recognized(&masks(&["sse3", "sse4", "more"]), known(), ""), Some("penryn"));
        assert_eq!(recognized(&masks(&["avx"]), known(), "merom"), None);
        assert_eq!(
            (recognized(&masks(&["x"]), twins(), "a"), recognized(&masks(&["x"]), twins(), "b")),
            (Some("a"), Some("b"))
        );
    }

    #[test]
    fn another_mode_needs_the_machine_off_and_its_hardware_new() {
        let machine = |mode: &str, version: i64| M {
            evc_mode: mode.into(),
            hardware_version: version.into(),
            ..M::default()
        };
        let (old, new) = (machine("", 13), machine("intel-merom", 13));
        assert!(validate(&new).to_string().contains("evc_mode"));
        assert!(!validate(&old).has_errors() && !validate(&machine("intel-merom", 14)).has_errors());
        assert!(plan(Some(&old), &new).diagnostics.has_errors());
        let reason = |from: &M, to: &M| plan(Some(from), to).power_off.first().map(|e| e.what.clone());
        let (a, b) = (machine("intel-merom", 19), machine("intel-penryn", 19));
        assert_eq!(reason(&a, &a), None);
        assert_eq!(reason(&a, &b).as_deref(), Some("the EVC mode changes from intel-merom to intel-penryn"));
        assert_eq!(reason(&a, &machine("", 19)).as_deref(), Some("the EVC mode intel-merom is taken away"));
    }

    #[test]
    fn an_unknown_mode_lists_the_known_ones() {
        let mut mode = EvcMode::default();
        (mode.key, mode.label) = ("intel-merom".into(), "Intel Merom".into());
        let message = unknown("intel-meron", &[mode.clone()]).to_string();
        assert!(message.contains("intel-merom (Intel Merom)") && message.contains("evc_mode"), "{message}");
        assert!(unknown("Intel Merom", &[mode]).to_string().contains("its mode is \"intel-merom\""));
    }
}
