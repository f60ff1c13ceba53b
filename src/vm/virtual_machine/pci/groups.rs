//! Vendor device groups: devices of a host that are added and removed together (vSphere 8.0).
//!
//! The API reference of `VirtualMachineVirtualDeviceGroupsVendorDeviceGroup`: all devices of a group are added and removed in
//! one request. The devices are those of `VirtualMachineVendorDeviceGroupInfo`, with their sequence numbers.
use super::super::assembly::Assembly;
use super::super::effects::Effects;
use super::super::model::VirtualMachineModel as M;
use super::super::place;
use super::{listed, plan, target_of};
use crate::common::moid::{self, MoId};
use crate::nearest::did_you_mean;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{Diagnostics, Result};
use vsphere_client::device::{Files, device_mut};
use vsphere_client::vim::types::{
    ConfigTarget, VirtualDeviceDeviceGroupInfo, VirtualDeviceKind, VirtualMachineVirtualDeviceGroups,
    VirtualMachineVirtualDeviceGroupsDeviceGroup, VirtualMachineVirtualDeviceGroupsDeviceGroupKind,
    VirtualMachineVirtualDeviceGroupsVendorDeviceGroup,
};
use vsphere_client::virtual_machine::VirtualMachine;

/// The devices of each group that is to be added, by the name of the group.
pub(in super::super) type Components = BTreeMap<String, Vec<VirtualDeviceKind>>;

/// The names of a model; nothing while they are not known.
pub(super) fn names(model: &M) -> Option<Vec<String>> {
    (!model.device_groups.is_unknown()).then(|| model.device_groups.get())
}

/// Keys and names of the groups that a virtual machine has.
fn there(vm: Option<&VirtualMachine>) -> Vec<(i32, String)> {
    let groups = vm.and_then(|vm| vm.config.as_deref()?.device_groups.as_deref());
    let one = |g: &VirtualMachineVirtualDeviceGroupsDeviceGroupKind| {
        match g {
        VirtualMachineVirtualDeviceGroupsDeviceGroupKind::VirtualMachineVirtualDeviceGroupsVendorDeviceGroup(g) => {
            Some((g.base.group_instance_key, g.device_group_name.clone()))
        }
        _ => None,
    }
    };
    groups.map_or_else(Vec::new, |g| g.device_group.iter().filter_map(one).collect())
}

/// The group that a device belongs to.
pub(super) fn of_device(device: &VirtualDeviceKind) -> Option<i32> {
    Some(device.base()?.device_group_info.as_ref()?.group_instance_key)
}

/// Returns the changes that require powering off: all of them.
pub(super) fn effects(prior: Option<&M>, planned: &M) -> Effects {
    let mut effects = Effects::default();
    if let (Some(known), Some(wanted)) = (prior.and_then(names), names(planned)) {
        let changes = plan::changes(&wanted, &known, &known);
        let changed =
            changes.add.iter().map(|&i| &wanted[i]).chain(changes.remove.iter().map(|&i| &known[i]));
        changed.for_each(|name| note(name, &mut effects));
    }
    effects
}

fn words(name: &str) -> String {
    format!("the device group {name:?}")
}

fn note(name: &str, effects: &mut Effects) {
    let why = "its devices are only added and removed while the virtual machine is powered off";
    effects.power_off(M::DEVICE_GROUPS, format!("{}: {why}", words(name)));
}

/// Adds and removes groups with all their devices; returns the groups to send, if they change. Those that the state does not
/// have are left alone.
pub(in super::super) fn assemble(
    prior: Option<&M>,
    plan: &M,
    vm: Option<&VirtualMachine>,
    found: &Components,
    out: &mut Assembly,
) -> (Effects, Option<VirtualMachineVirtualDeviceGroups>) {
    let mut effects = Effects::default();
    let wanted = names(plan).unwrap_or_default();
    let known = prior.and_then(names).unwrap_or_default();
    let there = there(vm);
    let has: Vec<String> = there.iter().map(|(_, name)| name.clone()).collect();
    let changes = plan::changes(&wanted, &known, &has);
    if changes == plan::Changes::default() {
        return (effects, None);
    }
    for &n in &changes.remove {
        note(&has[n], &mut effects);
        let of_group = |d: &&VirtualDeviceKind| of_device(d) == Some(there[n].0);
        for device in out.devices.iter().filter(of_group).cloned().collect::<Vec<_>>() {
            out.remove(M::DEVICE_GROUPS.into(), words(&has[n]), device, Files::Keep);
        }
    }
    let stays = there.iter().enumerate().filter(|(n, _)| !changes.remove.contains(n));
    let mut groups: Vec<(i32, String)> = stays.map(|(_, group)| group.clone()).collect();
    for (n, &i) in changes.add.iter().enumerate() {
        let (key, name) = (-1 - i32::try_from(n).unwrap_or_default(), &wanted[i]);
        note(name, &mut effects);
        for template in found.get(name).into_iter().flatten() {
            let mut device = template.clone();
            let Some(base) = device_mut(&mut device) else { continue };
            base.key = 0;
            let sequence_id = base.device_group_info.as_ref().map_or(0, |g| g.sequence_id);
            base.device_group_info =
                Some(Box::new(VirtualDeviceDeviceGroupInfo { group_instance_key: key, sequence_id }));
            out.add(M::DEVICE_GROUPS.into(), words(name), device);
        }
        groups.push((key, name.clone()));
    }
    let group = |(key, name): (i32, String)| VirtualMachineVirtualDeviceGroupsVendorDeviceGroup {
        base: VirtualMachineVirtualDeviceGroupsDeviceGroup { group_instance_key: key, ..Default::default() },
        device_group_name: name,
    };
    let device_group = groups.into_iter().map(|g| group(g).into()).collect();
    (effects, Some(VirtualMachineVirtualDeviceGroups { device_group }))
}

/// The groups of the state that the virtual machine has; with `imported`, all.
pub(in super::super) fn observed(vm: &VirtualMachine, state: &M, imported: bool) -> Vec<String> {
    let there: Vec<String> = there(Some(vm)).into_iter().map(|(_, name)| name).collect();
    plan::present(&names(state).unwrap_or_default(), &there, imported)
}

/// The devices of the groups that are to be added; asks nothing if there is none.
///
/// # Errors
/// A group that the hosts do not offer; and those of any call.
pub(in super::super) async fn resolve(
    vsphere: &Vsphere,
    prior: Option<&M>,
    planned: &M,
) -> Result<Components> {
    let known = prior.and_then(names).unwrap_or_default();
    let wanted = names(planned).unwrap_or_default();
    // One more of a group that the state has is new as well.
    let new = plan::changes(&wanted, &known, &known).add;
    let (host, pool) = (planned.host_system_id.as_str(), planned.resource_pool_id.as_str());
    if new.is_empty() || (host.is_empty() && pool.is_empty()) {
        return Ok(Components::new());
    }
    let (target, of) = if host.is_empty() {
        let compute = place::compute(vsphere, pool).await?;
        (target_of(vsphere, &compute, None).await?, "the hosts of the resource pool".to_owned())
    } else {
        let host = MoId::<moid::Host>::object(host);
        (super::target(vsphere, &host).await?, format!("the host {:?}", host.id))
    };
    find(&target, &of, &wanted, &new)
}

pub(super) fn find(target: &ConfigTarget, of: &str, wanted: &[String], new: &[usize]) -> Result<Components> {
    let mut out = Components::new();
    let mut problems = Diagnostics::default();
    for &n in new {
        let name = &wanted[n];
        let offered = &target.vendor_device_group_info;
        match offered.iter().find(|g| g.device_group_name == *name) {
            Some(group) => {
                let devices = group.component_device_info.iter().map(|c| c.device.clone());
                out.insert(name.clone(), devices.collect());
            }
            None => {
                let list =
                    listed("device groups", offered.iter().map(|g| g.device_group_name.clone()).collect());
                let hint = did_you_mean(name, offered.iter().map(|g| g.device_group_name.as_str()));
                let detail = format!("{list}{hint} Device groups require vSphere 8.0 or later.");
                let summary = format!("Device group {name:?} not found on {of}");
                problems.merge(Diagnostics::error(M::DEVICE_GROUPS.index(n), summary, detail));
            }
        }
    }
    problems.into_result(out)
}
