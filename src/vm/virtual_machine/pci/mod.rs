//! Devices of the host that the guest gets: whole ones, and shares of graphics cards.
pub(super) mod groups;
mod plan;

use super::VirtualMachineModel as M;
use super::assembly::Assembly;
use super::effects::Effects;
use crate::common::moid::{self, MoId};
use crate::fault::Doing;
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Diagnostics, Field, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::compute::Host;
use vsphere_client::device::{Devices, Files, Passthrough, key};
use vsphere_client::vim::types::ConfigTarget;
use vsphere_client::virtual_machine::VirtualMachine;

/// What the host has of the devices that are wanted, by their ids and profiles.
pub(super) type HostDevices = BTreeMap<String, Passthrough>;

/// A kind of device, and how a configuration names them.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Whole,
    Share,
}

impl What {
    const ALL: [What; 2] = [What::Whole, What::Share];

    fn field(self) -> Field {
        match self {
            What::Whole => M::PCI_DEVICE_ID,
            What::Share => M::VGPU_PROFILES,
        }
    }

    /// The names of a model; nothing while they are not known.
    fn names(self, model: &M) -> Option<Vec<String>> {
        match self {
            What::Whole if model.pci_device_id.is_unknown() => None,
            What::Whole => Some(model.pci_device_id.get().into_iter().collect()),
            What::Share if model.vgpu_profiles.is_unknown() => None,
            What::Share => Some(model.vgpu_profiles.get()),
        }
    }

    fn words(self, name: &str) -> String {
        match self {
            What::Whole => format!("the PCI device {name}"),
            What::Share => format!("the share of a graphics card {name:?}"),
        }
    }

    /// Keys and names of those that are there.
    fn there(self, devices: &Devices) -> Vec<(i32, String)> {
        let one = |d| {
            // The devices of a group are not declared one by one.
            if groups::of_device(d).is_some() {
                return None;
            }
            let name = match (self, Passthrough::of(d)?) {
                (What::Whole, Passthrough::Device { id, .. }) => id,
                (What::Share, Passthrough::SharedGraphics(profile)) => profile,
                _ => return None,
            };
            Some((key(d), name))
        };
        devices.iter().filter_map(one).collect()
    }
}

/// What is wrong whatever the host is like.
pub(super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let some = |w: What| w.names(config).is_some_and(|n| !n.is_empty());
    if some(What::Whole) && config.host_system_id.is_null() {
        let detail = "A PCI device is that of one host: set `host_system_id` to the host that has it.";
        out.merge(Diagnostics::error(M::PCI_DEVICE_ID, "`host_system_id` is needed", detail));
    }
    for (n, name) in What::Share.names(config).unwrap_or_default().iter().enumerate() {
        if name.trim().is_empty() {
            let detail = "Expected the name of a profile, such as \"grid_t4-4q\".";
            out.merge(Diagnostics::error(M::VGPU_PROFILES.index(n), "The profile has no name", detail));
        }
    }
    let groups = groups::names(config).unwrap_or_default();
    for (n, name) in groups.iter().enumerate() {
        if name.trim().is_empty() {
            let detail = "Expected the name of a device group, such as \"Nvidia:2@grid_v100-8q%NVLink\".";
            out.merge(Diagnostics::error(M::DEVICE_GROUPS.index(n), "The device group has no name", detail));
        }
    }
    if !groups.is_empty() {
        needs_reserved_memory(config, &M::DEVICE_GROUPS.into(), "A device group", &mut out);
    }
    for what in What::ALL.into_iter().filter(|w| some(*w)) {
        needs_reserved_memory(config, &what.field().into(), "A device that is passed through", &mut out);
    }
    out
}

/// All memory must be reserved for what reads and writes it by itself.
pub(super) fn needs_reserved_memory(config: &M, at: &AttributePath, what: &str, out: &mut Diagnostics) {
    let locked = &config.memory_reservation_locked_to_max;
    if locked.is_unknown() || locked.get() || config.memory_reservation.is_unknown() {
        return;
    }
    let memory = match config.memory {
        Value::Unknown => return,
        Value::Null => 1024,
        Value::Known(memory) => memory,
    };
    let reserved = config.memory_reservation.get();
    if reserved < memory {
        let detail = format!(
            "{what} needs all memory of the virtual machine reserved, and {reserved} of {memory} MiB are. Set \
             `memory_reservation = {memory}`, or `memory_reservation_locked_to_max = true`."
        );
        out.merge(Diagnostics::error(at.clone(), "The memory is not reserved", detail));
    }
}

/// Returns the changes that require powering off: all of them.
pub(super) fn plan(prior: Option<&M>, planned: &M) -> Effects {
    let mut effects = Effects::default();
    let Some(prior) = prior else { return effects };
    for what in What::ALL {
        if let (Some(known), Some(wanted)) = (what.names(prior), what.names(planned)) {
            let changes = plan::changes(&wanted, &known, &known);
            let names =
                changes.add.iter().map(|&i| &wanted[i]).chain(changes.remove.iter().map(|&i| &known[i]));
            note(what, names, &mut effects);
        }
    }
    effects.merge(groups::effects(Some(prior), planned));
    effects
}

fn note<'a>(what: What, names: impl Iterator<Item = &'a String>, effects: &mut Effects) {
    for name in names {
        let why = "a device that is passed through only comes and goes while the virtual machine is off";
        effects.power_off(what.field(), format!("{}: {why}", what.words(name)));
    }
}

/// Brings the devices to what is planned; what the state does not know is left alone.
pub(super) fn assemble(prior: Option<&M>, plan: &M, found: &HostDevices, out: &mut Assembly) -> Effects {
    let mut effects = Effects::default();
    for what in What::ALL {
        let wanted = what.names(plan).unwrap_or_default();
        let known = prior.and_then(|p| what.names(p)).unwrap_or_default();
        let there = what.there(&out.devices);
        let names: Vec<String> = there.iter().map(|(_, name)| name.clone()).collect();
        let changes = plan::changes(&wanted, &known, &names);
        let changed =
            changes.add.iter().map(|&i| &wanted[i]).chain(changes.remove.iter().map(|&i| &names[i]));
        note(what, changed, &mut effects);
        for &n in &changes.remove {
            if let Some(device) = out.devices.by_key(there[n].0).cloned() {
                out.remove(what.field().into(), what.words(&names[n]), device, Files::Keep);
            }
        }
        for &i in &changes.add {
            let shared = (what == What::Share).then(|| Passthrough::SharedGraphics(wanted[i].clone()));
            let device = shared.as_ref().or_else(|| found.get(&wanted[i])).and_then(|p| p.device(0));
            if let Some(device) = device {
                out.add(what.field().into(), what.words(&wanted[i]), device);
            }
        }
    }
    effects
}

/// The ids of `pci_device_id` that the machine has.
pub(super) fn observed_ids(vm: &VirtualMachine, state: &M, imported: bool) -> BTreeSet<String> {
    observed(What::Whole, vm, state, imported).into_iter().collect()
}

/// The profiles of `vgpu_profiles` that the machine has.
pub(super) fn observed_profiles(vm: &VirtualMachine, state: &M, imported: bool) -> Vec<String> {
    observed(What::Share, vm, state, imported)
}

fn observed(what: What, vm: &VirtualMachine, state: &M, imported: bool) -> Vec<String> {
    let there: Vec<String> = what.there(&vm.devices()).into_iter().map(|(_, name)| name).collect();
    plan::present(&what.names(state).unwrap_or_default(), &there, imported)
}

/// What the host has of the devices that are to be added; asks nothing when there is none.
///
/// # Errors
/// A device that the host does not have or pass through, with those that it does; and those of any call.
pub(super) async fn resolve(vsphere: &Vsphere, prior: Option<&M>, plan: &M) -> Result<HostDevices> {
    let new = |what: What| -> Vec<String> {
        let known = prior.and_then(|p| what.names(p)).unwrap_or_default();
        what.names(plan).unwrap_or_default().into_iter().filter(|n| !known.contains(n)).collect()
    };
    let (ids, profiles) = (new(What::Whole), new(What::Share));
    let host = plan.host_system_id.as_str();
    if ids.is_empty() && (profiles.is_empty() || host.is_empty()) {
        return Ok(HostDevices::new());
    }
    if host.is_empty() {
        let detail = "A PCI device is that of one host: set `host_system_id` to the host that has it.";
        return Err(Diagnostics::error(M::PCI_DEVICE_ID, "`host_system_id` is needed", detail));
    }
    let target = target(vsphere, &MoId::<moid::Host>::object(host)).await?;
    find(&target, host, &ids, &profiles)
}

async fn target(vsphere: &Vsphere, host: &MoRef) -> Result<ConfigTarget> {
    let doing = format!("read what the host {} passes through", host.id);
    let missing = |_: &_| Some(M::HOST_SYSTEM_ID);
    let read = vsphere.api.properties().get::<Host>(host).await.doing_to(&doing, missing)?;
    let Some(compute) = read.parent else { return Ok(ConfigTarget::default()) };
    target_of(vsphere, &compute, Some(host)).await
}

/// What a host of a compute resource offers, or all of them.
async fn target_of(vsphere: &Vsphere, compute: &MoRef, host: Option<&MoRef>) -> Result<ConfigTarget> {
    let doing = format!("read what the hosts of {} pass through", compute.id);
    let machines = vsphere.api.virtual_machines();
    let Some(browser) = machines.environment_of(compute).await.doing(&doing)? else {
        return Ok(ConfigTarget::default());
    };
    let target = machines.config_target(&browser, host).await.doing(&doing)?;
    Ok(target.map(|t| *t).unwrap_or_default())
}

fn find(target: &ConfigTarget, host: &str, ids: &[String], profiles: &[String]) -> Result<HostDevices> {
    let mut out = HostDevices::new();
    let mut problems = Diagnostics::default();
    let offered: Vec<_> = target.pci_passthrough.iter().filter_map(|i| i.base()).collect();
    for id in ids {
        let Some(info) = offered.iter().find(|i| i.pci_device.id == *id) else {
            let all = offered.iter().map(|i| {
                let d = &i.pci_device;
                format!("{} ({} {})", d.id, d.vendor_name.trim(), d.device_name.trim())
            });
            let list = listed("devices", all.collect());
            let hint = did_you_mean(id, offered.iter().map(|i| i.pci_device.id.as_str()));
            let detail = format!(
                "{list}{hint} A device must be there, and passing it through must be enabled on the host."
            );
            let summary = format!("The host {host:?} passes through no PCI device {id:?}");
            problems.merge(Diagnostics::error(M::PCI_DEVICE_ID, summary, detail));
            continue;
        };
        let device = Passthrough::Device {
            id: id.clone(),
            // The number is unsigned; the type on the wire is not.
            device_id: format!("{:x}", info.pci_device.device_id.cast_unsigned()),
            system_id: info.system_id.clone(),
            vendor_id: info.pci_device.vendor_id,
        };
        out.insert(id.clone(), device);
    }
    for (n, profile) in profiles.iter().enumerate() {
        let offered = &target.shared_gpu_passthrough_types;
        if !offered.iter().any(|t| t.vgpu == *profile) {
            let list = listed("profiles", offered.iter().map(|t| t.vgpu.clone()).collect());
            let hint = did_you_mean(profile, offered.iter().map(|t| t.vgpu.as_str()));
            let summary = format!("The host {host:?} has no graphics card with the profile {profile:?}");
            problems.merge(Diagnostics::error(M::VGPU_PROFILES.index(n), summary, format!("{list}{hint}")));
        }
    }
    problems.into_result(out)
}

fn listed(what: &str, all: Vec<String>) -> String {
    if all.is_empty() {
        format!("It has no {what} for virtual machines.")
    } else {
        format!("It has: {}.", all.join(", "))
    }
}

#[cfg(test)]
mod tests;
