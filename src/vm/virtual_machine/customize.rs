//! How the guest of a new machine is set up.
use super::clone;
use super::model::{CloneModel, CustomizationSpecModel, CustomizeModel, VirtualMachineModel as M};
use super::network;
use crate::common::once::Once;
use crate::fault::Doing;
use crate::run_notes::{NamedKind, RunNotes};
use crate::vm::customization::{self, Family};
use crate::vsphere::Vsphere;
use std::sync::Arc;
use tf_framework::{AttributePath, Diagnostics, Result, Severity};
use vsphere_client::vim::types::CustomizationSpecItem;
use vsphere_client::vim::types::{CustomizationIdentitySettingsKind as Identity, CustomizationSpec};

/// Customization specifications that the vCenter keeps, by name.
#[derive(Default)]
struct Customizations(Once<String, Arc<CustomizationSpecItem>>);

/// The path of the block of a clone.
fn at_clone() -> AttributePath {
    clone::at().field(CloneModel::CUSTOMIZE).index(0)
}

/// The path of the block of the kept specification.
fn at_kept() -> AttributePath {
    clone::at().field(CloneModel::CUSTOMIZATION_SPEC).index(0)
}

/// The block that has the settings, of the machine or of its clone, and its path.
fn block(m: &M) -> Option<(&CustomizeModel, AttributePath)> {
    let own = m.customize.first().map(|block| (block, M::CUSTOMIZE.index(0)));
    own.or_else(|| Some((m.clone.first()?.customize.first()?, at_clone())))
}

fn kept(m: &M) -> Option<&CustomizationSpecModel> {
    m.clone.first()?.customization_spec.first()
}

/// Whether the guest is customized.
pub(super) fn is_declared(m: &M) -> bool {
    block(m).is_some() || kept(m).is_some()
}

/// The timeout of the customization, in minutes, and its path; `None` without a customization, or if it is not
/// waited for.
pub(super) fn timeout(m: &M) -> Option<(AttributePath, u64)> {
    let (at, minutes) = match (block(m), kept(m)) {
        (Some((block, at)), _) => (at.field(CustomizeModel::TIMEOUT), &block.timeout),
        (None, Some(kept)) => (at_kept().field(CustomizationSpecModel::TIMEOUT), &kept.timeout),
        (None, None) => return None,
    };
    let minutes = minutes.known().copied().unwrap_or(10);
    u64::try_from(minutes).ok().filter(|n| *n > 0).map(|n| (at, n))
}

/// What is said of a guest that vSphere does not set up.
pub(super) const NOT_THIS_GUEST: &str = "vSphere sets up Windows and the Linux distributions of its Guest OS \
    Customization Support Matrix, by `guest_id`. Correct that, or leave the block out and set the guest up by \
    cloud-init (`extra_config`, keys `guestinfo.*`).";

/// The block that says how the guest is set up.
pub(super) fn place(m: &M) -> AttributePath {
    block(m).map_or_else(at_kept, |(_, at)| at)
}

/// What is wrong with a customization, as far as no server is needed.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let of_clone = config.clone.first().and_then(|c| c.customize.first());
    let all = [
        config.customize.first().map(|_| ("`customize`", M::CUSTOMIZE.index(0))),
        of_clone.map(|_| ("`clone.customize`", at_clone())),
        kept(config).map(|_| ("`clone.customization_spec`", at_kept())),
    ];
    if let [(first, _), (second, at), ..] = all.into_iter().flatten().collect::<Vec<_>>().as_slice() {
        let detail = format!("{first} and {second} both say how the guest is set up: leave one of them out.");
        out.merge(Diagnostics::error(at.clone(), "The guest is set up in two ways", detail));
    }
    if let Some((block, at)) = block(config) {
        // Warnings are for the plan of a creation: for an existing virtual machine they would be repeated indefinitely.
        let problems = customization::validate(&block.guest, &at).0.into_iter();
        out.0.extend(problems.filter(|d| d.severity == Severity::Error));
    }
    out
}

/// What is said of the customization of a machine that is going to be made. For one that exists nothing of it matters
/// any more: it may get another network interface.
pub(super) fn plan(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some((block, at)) = block(config) else { return out };
    let problems = customization::validate(&block.guest, &at).0.into_iter();
    out.0.extend(problems.filter(|d| d.severity == Severity::Warning));
    out.merge(customization::ignored(&block.guest, &at));
    // Without blocks the interfaces may be those of the template, which is seen while it is cloned.
    if let Some(nics) = network::declared(config) {
        out.merge(customization::validate_nics(&block.guest, nics, &at));
    }
    if let Some(id) = config.guest_id.known() {
        out.merge(fits(block.guest.family(), id, &at));
    }
    out
}

/// Whether a customization is for the guest of that id.
fn fits(family: Option<Family>, guest_id: &str, at: &AttributePath) -> Diagnostics {
    let (Some(set_up), Some(guest)) = (family, Family::of_guest(guest_id)) else {
        return Diagnostics::default();
    };
    if set_up == guest {
        return Diagnostics::default();
    }
    let (is, blocks) = match guest {
        Family::Linux => ("Linux", "`linux_options` or `cloudinit_options`"),
        Family::Windows => ("Windows", "`windows_options` or `windows_sysprep_text`"),
    };
    let detail = format!("The guest is {guest_id:?}, which is {is}: it is set up with {blocks}.");
    Diagnostics::error(at.clone(), "The customization is for another guest", detail)
}

/// What the server or the source has against a customization. `guest_id` is that of the source, where the configuration
/// does not name another.
pub(super) fn check(vsphere: &Vsphere, m: &M, guest_id: &str) -> Diagnostics {
    let Some((block, at)) = block(m) else { return Diagnostics::default() };
    let mut out = customization::needs(&block.guest, vsphere.api.api_version(), &at);
    out.merge(fits(block.guest.family(), guest_id, &at));
    out
}

/// What a plan has against the customization of a clone, as [`spec`] has when it is made. What is wrong with a
/// specification that vCenter keeps is a warning: this run may make or change it.
pub(super) async fn preflight(vsphere: &Vsphere, m: &M, nics: usize, guest_id: &str) -> Diagnostics {
    let kept = kept(m);
    let made = kept
        .is_some_and(|kept| vsphere.run::<RunNotes>().is_made(NamedKind::Customization, kept.id.as_str()));
    if made || kept.is_some_and(|kept| kept.id.is_unknown()) {
        return Diagnostics::default();
    }
    let mut found = spec(vsphere, m, None, nics, guest_id).await.err().unwrap_or_default();
    for d in found.0.iter_mut().filter(|_| kept.is_some()) {
        d.severity = Severity::Warning;
    }
    found
}

/// The customization of a new machine: that of the plan with the write-only values of the configuration, or the one that vCenter
/// keeps by a name. `nics` is the number of network interfaces that the machine is going to have.
///
/// # Errors
/// There is none of that name, or it does not fit the machine.
pub(super) async fn spec(
    vsphere: &Vsphere,
    m: &M,
    config: Option<&M>,
    nics: usize,
    guest_id: &str,
) -> Result<Option<CustomizationSpec>> {
    if let Some((block, at)) = block(m) {
        let written = config.and_then(self::block).map(|(block, _)| &block.guest);
        let fits = customization::validate_nics(&block.guest, nics, &at);
        return fits.into_result(Some(customization::spec(&block.guest, written)));
    }
    let Some(kept) = kept(m) else { return Ok(None) };
    let (name, at) = (kept.id.as_str(), at_kept().field(CustomizationSpecModel::ID));
    let look = async {
        Ok::<_, vsphere_client::Error>(Arc::new(vsphere.api.customization_specs().get(name).await?))
    };
    let item = match vsphere.run::<Customizations>().0.get(name.to_owned(), look).await {
        Err(e) if e.is_not_found() => {
            let detail = "It is the name of a customization specification of the vCenter, or the `id` of \
                          `vsphere_guest_os_customization`.";
            let summary = format!("There is no customization specification {name:?}");
            return Err(Diagnostics::error(at, summary, detail));
        }
        other => {
            let doing = format!("read the customization specification {name:?}");
            other.doing(doing)?
        }
    };
    kept_fits(&item.spec, name, nics, guest_id, &at).into_result(Some(item.spec.clone()))
}

/// Whether a specification that vCenter keeps fits the machine. Pure.
fn kept_fits(
    spec: &CustomizationSpec,
    name: &str,
    nics: usize,
    guest_id: &str,
    at: &AttributePath,
) -> Diagnostics {
    let family = match &spec.identity {
        Identity::CustomizationLinuxPrep(_) => Some(Family::Linux),
        Identity::CustomizationSysprep(_) | Identity::CustomizationSysprepText(_) => Some(Family::Windows),
        _ => None,
    };
    let mut out = fits(family, guest_id, at);
    let has = spec.nic_setting_map.len();
    // Cloud-init says itself what interfaces there are.
    if family.is_some() && has != nics {
        let detail = format!(
            "The customization specification {name:?} is for {has} network interfaces, and the virtual machine has {nics}. \
             There must be as many."
        );
        let summary = "The customization does not fit the network interfaces";
        out.merge(Diagnostics::error(at.clone(), summary, detail));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::model::NicModel;
    use super::*;
    use crate::vm::customization::{CustomizationModel, InterfaceModel, LinuxOptionsModel};
    use tf_framework::Value;

    fn linux(interfaces: usize) -> CustomizeModel {
        let options =
            LinuxOptionsModel { host_name: "web".into(), domain: "example.com".into(), ..Default::default() };
        let guest = CustomizationModel {
            linux_options: vec![options].into(),
            network_interface: vec![InterfaceModel::default(); interfaces].into(),
            ..Default::default()
        };
        CustomizeModel { guest, timeout: Value::Null }
    }

    fn machine(guest_id: &str, nics: usize, clone: CloneModel) -> M {
        M {
            guest_id: guest_id.into(),
            network_interface: vec![NicModel::default(); nics].into(),
            clone: vec![clone].into(),
            ..M::default()
        }
    }

    fn reported(m: &M) -> String {
        let mut out = validate(m);
        out.merge(plan(m));
        out.to_string()
    }

    #[test]
    fn a_customization_fits_its_machine() {
        let customized = |n| CloneModel { customize: vec![linux(n)].into(), ..Default::default() };
        let kept = CustomizationSpecModel { id: "linux".into(), ..Default::default() };
        let own = |clone| M { customize: vec![linux(1)].into(), ..machine("ubuntu64Guest", 1, clone) };
        let twice = CloneModel { customization_spec: vec![kept].into(), ..customized(1) };
        for (m, at, part) in [
            (machine("ubuntu64Guest", 1, customized(1)), "", ""),
            (machine("otherGuest64", 1, customized(1)), "", ""),
            (
                machine("ubuntu64Guest", 2, customized(1)),
                "clone[0].customize[0].network_interface",
                "has 1 `network_interface`",
            ),
            (machine("ubuntu64Guest", 0, customized(1)), "", ""),
            (machine("windows9_64Guest", 1, customized(1)), "at clone[0].customize[0]:", "windows_options"),
            (machine("ubuntu64Guest", 1, twice), "clone[0].customization_spec[0]", "both"),
            (own(CloneModel::default()), "", ""),
            (own(customized(1)), "at clone[0].customize[0]:", "`customize` and `clone.customize` both"),
            (M { clone: Value::Null, network_interface: Value::Null, ..own(CloneModel::default()) }, "", ""),
            (
                M { guest_id: "windows9_64Guest".into(), ..own(CloneModel::default()) },
                "at customize[0]:",
                "windows_options",
            ),
        ] {
            let message = reported(&m);
            assert_eq!(message.is_empty(), at.is_empty(), "{message}");
            assert!(message.contains(at) && message.contains(part), "{message}");
        }
    }

    #[test]
    fn a_machine_that_exists_is_not_held_up_by_how_it_was_made() {
        let mut odd = linux(1);
        odd.guest.ipv4_gateway = "10.0.0.1".into();
        let clone = CloneModel { customize: vec![odd].into(), ..Default::default() };
        let m = machine("windows9_64Guest", 2, clone);
        assert!(validate(&m).is_empty());
        let at: Vec<_> = plan(&m).0.into_iter().map(|d| d.at.to_string()).collect();
        let path = |rest: &str| format!("clone[0].customize[0]{rest}");
        assert_eq!(at, [path(".ipv4_gateway"), path(".network_interface"), path("")]);
    }

    #[test]
    fn a_kept_specification_fits_too() {
        let spec = customization::spec(&linux(2).guest, None);
        assert!(kept_fits(&spec, "linux", 2, "ubuntu64Guest", &at_kept()).is_empty());
        let message = kept_fits(&spec, "linux", 1, "windows9_64Guest", &at_kept()).to_string();
        assert!(message.contains("for 2 network interfaces") && message.contains("has 1."), "{message}");
        assert!(message.contains("which is Windows"), "{message}");
    }

    #[test]
    fn the_timeout_has_the_path_of_its_block() {
        let of = |clone: CloneModel| timeout(&machine("", 0, clone)).map(|(at, n)| (at.to_string(), n));
        let block = |minutes: Value<i64>| CloneModel {
            customize: vec![CustomizeModel { timeout: minutes, ..linux(0) }].into(),
            ..Default::default()
        };
        let path = "clone[0].customize[0].timeout".to_owned();
        assert_eq!(of(block(Value::Null)), Some((path.clone(), 10)));
        assert_eq!(of(block(3.into())), Some((path, 3)));
        assert_eq!(of(block(0.into())), None);
        assert_eq!(of(block((-1).into())), None);
        assert_eq!(of(CloneModel::default()), None);
        let own = M { customize: vec![linux(0)].into(), ..M::default() };
        assert_eq!(
            timeout(&own).map(|(at, n)| (at.to_string(), n)),
            Some(("customize[0].timeout".to_owned(), 10))
        );
        let kept = CustomizationSpecModel { id: "linux".into(), timeout: 5.into() };
        let kept = CloneModel { customization_spec: vec![kept].into(), ..Default::default() };
        assert_eq!(of(kept), Some(("clone[0].customization_spec[0].timeout".to_owned(), 5)));
    }
}
