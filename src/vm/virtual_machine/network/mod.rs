//! Network interfaces: what is declared, what is there, and how the one becomes the other.
mod convert;
mod plan;
mod resolve;
mod validate;

use super::VirtualMachineModel as M;
use super::assembly::Assembly;
use super::effects::Effects;
use super::matching::Partner;
use super::model::NicModel;
use plan::{Mac, Nic, Step, Wanted};
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Field, Model as _, Value};
use vsphere_client::device::{Connection, Files};
use vsphere_client::virtual_machine::VirtualMachine;

pub(super) use resolve::{resolve, resolve_plan, unclear};
pub(super) use validate::{function, validate};

/// What networks have to be called by an interface, by their ids.
pub(super) type Connections = BTreeMap<String, Connection>;

fn at(block: usize) -> AttributePath {
    M::NETWORK_INTERFACE.index(block)
}

fn field(block: usize, field: Field) -> AttributePath {
    at(block).field(field)
}

fn blocks(model: &M) -> &[NicModel] {
    model.network_interface.known().map_or(&[], Vec::as_slice)
}

/// A new virtual machine without blocks with the network interface that it has by default.
pub(super) fn with_default(plan: &M) -> M {
    let mut plan = plan.clone();
    if let (true, Some(network)) = (blocks(&plan).is_empty(), plan.default_network_id.non_empty()) {
        let mut block = NicModel { network_id: network.clone().into(), ..NicModel::default() };
        block.set_defaults(&NicModel::block());
        plan.network_interface = vec![block].into();
    }
    plan
}

/// The number of network interfaces that a new virtual machine has, if it does not depend on its source.
pub(super) fn declared(config: &M) -> Option<usize> {
    if config.network_interface.is_unknown() {
        return None;
    }
    let by_default = config.default_network_id.non_empty().map(|_| 1);
    config.network_interface.non_empty().map(Vec::len).or(by_default)
}

/// Completes the planned blocks with the values of their partners in the state, and returns the changes that require powering off.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M) -> Effects {
    let mut effects = Effects::default();
    let (Some(configured), Value::Known(blocks_planned)) =
        (config.network_interface.known(), &mut planned.network_interface)
    else {
        // A dynamic block that is not known yet, or no block at all.
        if let (Some(prior), false) = (prior, planned.network_interface.is_unknown()) {
            let steps = plan::steps(&[], &known(prior), &[], |_| !prior.imported.get());
            note(&mut effects, &steps, &[], &known(prior));
        }
        return effects;
    };
    let wanted: Vec<Wanted> =
        blocks_planned.iter().zip(configured).map(|(b, c)| convert::wanted(b, Some(c))).collect();
    let before = prior.map(blocks).unwrap_or_default();
    let there = prior.map(known).unwrap_or_default();
    let partners = plan::pair(&wanted, &there);
    for (i, block) in blocks_planned.iter_mut().enumerate() {
        let Some(config) = configured.get(i) else { break };
        let partner = partners[i].index().map(|j| &before[j]);
        effects.diagnostics.merge(validate::against(i, config, block, partner));
        computed(block, config, &wanted[i], partner);
        // The number of a level that is not custom is vSphere's; if the block keeps its index, the plan can show it.
        if let Some(p) = partner
            && partners[i].index() == Some(i)
            && block.bandwidth_share_level.known().is_some_and(|l| l != "custom")
            && p.bandwidth_share_level == block.bandwidth_share_level
            && p.bandwidth_share_count.known().is_some()
        {
            block.bandwidth_share_count = p.bandwidth_share_count;
        }
    }
    let to: Vec<Option<usize>> = partners.iter().map(|p| p.index()).collect();
    // Which one is removed is not known while it is open which one stays.
    let imported = prior.is_some_and(|p| p.imported.get());
    let steps = plan::steps(&wanted, &there, &to, |_| !imported);
    let certain: Vec<Step> = if partners.contains(&Partner::Open) {
        steps.into_iter().filter(|s| matches!(s, Step::Edit { .. } | Step::Replace { .. })).collect()
    } else {
        steps
    };
    if prior.is_some() {
        note(&mut effects, &certain, &wanted, &there);
    }
    effects
}

/// The blocks of the state that planned blocks continue. A block that does not declare its type fits any.
pub(super) fn partners(prior: &M, config: &M, planned: &M) -> Vec<Partner> {
    let of_any_type = |(b, c): (&NicModel, &NicModel)| {
        let declared = !c.adapter_type.is_null();
        let adapter_type = if declared { b.adapter_type.clone() } else { plan::ANY_TYPE.into() };
        convert::wanted(&NicModel { adapter_type, ..b.clone() }, Some(c))
    };
    let wanted: Vec<Wanted> = blocks(planned).iter().zip(blocks(config)).map(of_any_type).collect();
    plan::pair(&wanted, &known(prior))
}

fn known(prior: &M) -> Vec<Nic> {
    blocks(prior).iter().map(convert::known).collect()
}

/// What the server chooses: known where the partner has it and keeps it.
fn computed(block: &mut NicModel, config: &NicModel, wanted: &Wanted, partner: Option<&NicModel>) {
    // What is there stays the device that it is.
    let stays = partner.filter(|p| wanted.adapter.as_deref() == Some(p.adapter_type.as_str()));
    let one = |keeps: bool, of: fn(&NicModel) -> Value<String>| match stays {
        Some(p) if keeps => of(p),
        _ => Value::Unknown,
    };
    block.key = stays.map_or(Value::Unknown, |p| p.key);
    block.device_address = one(true, |p| p.device_address.clone());
    if config.mac_address.is_null() {
        let chosen_before = partner.is_some_and(|p| p.use_static_mac.get());
        block.mac_address = one(wanted.mac == Mac::Any && !chosen_before, |p| p.mac_address.clone());
    }
    if config.external_port_id.is_null() {
        // What manages an opaque network gives out ports of its own.
        let same_network = stays.is_some_and(|p| p.network_id == block.network_id);
        block.external_port_id = one(same_network, |p| p.external_port_id.clone());
    }
    if config.bandwidth_share_count.is_null() {
        let same = stays.filter(|p| p.bandwidth_share_level == block.bandwidth_share_level);
        block.bandwidth_share_count = same.map_or(Value::Unknown, |p| p.bandwidth_share_count);
    }
}

fn note(effects: &mut Effects, steps: &[Step], wanted: &[Wanted], there: &[Nic]) {
    for step in steps {
        if let Some(why) = plan::power_off(step, wanted, there) {
            let (path, words) = about(step, wanted, there);
            effects.power_off(path, format!("{words}: {why}"));
        }
    }
}

/// The block that a step is for, and the interface in a few words.
fn about(step: &Step, wanted: &[Wanted], there: &[Nic]) -> (AttributePath, String) {
    match step {
        Step::Add { block } | Step::Edit { block, .. } | Step::Replace { block, .. } => {
            (at(*block), convert::words(*block, &wanted[*block]))
        }
        Step::Remove { nic } => {
            let nic = &there[*nic];
            let network = nic.network.as_deref().unwrap_or("an unknown network");
            let words = format!("the network interface {} ({} on {network:?})", nic.mac, nic.adapter);
            (M::NETWORK_INTERFACE.into(), words)
        }
    }
}

/// Brings the devices to what is planned. Without `prior`, those that are there come from a template or a package, and
/// are taken over one after the other; with it, those that the state does not know are left alone.
pub(super) fn assemble(
    prior: Option<&M>,
    plan: &M,
    connections: &Connections,
    out: &mut Assembly,
) -> Effects {
    let mut effects = Effects::default();
    let there: Vec<Nic> =
        out.devices.nics().iter().map(|n| convert::seen(n, &out.devices, connections, &[])).collect();
    let mut wanted: Vec<Wanted> = blocks(plan).iter().map(|b| convert::wanted(b, None)).collect();
    let (to, ours) = match prior {
        None => (plan::pair_in_order(wanted.len(), there.len()), vec![true; there.len()]),
        Some(prior) => {
            let known = known(prior);
            let found = plan::locate(&known, &there);
            let partners = plan::pair(&wanted, &known);
            for (w, p) in wanted.iter_mut().zip(&partners) {
                // What the plan only repeats from the state is not declared.
                w.port = w
                    .port
                    .take()
                    .filter(|port| p.index().is_none_or(|j| known[j].port.as_ref() != Some(port)));
            }
            // What an import has found and the configuration does not declare is left alone.
            let ours = (0..there.len()).map(|n| !prior.imported.get() && found.contains(&Some(n))).collect();
            (partners.iter().map(|p| found[p.index()?]).collect(), ours)
        }
    };
    let (to, ours) = (plan::taken_over(&wanted, &there, to, &ours), ours);
    let steps = plan::steps(&wanted, &there, &to, |n| ours[n]);
    note(&mut effects, &steps, &wanted, &there);
    for step in &steps {
        let (path, words) = about(step, &wanted, &there);
        let device = |nic: usize, out: &Assembly| {
            out.devices.by_key(i32::try_from(there[nic].key).unwrap_or_default()).cloned()
        };
        match step {
            Step::Remove { nic } => {
                if let Some(d) = device(*nic, out) {
                    out.remove(path, words, d, Files::Keep);
                }
            }
            Step::Add { block } => {
                out.add(path, words, convert::device(&wanted[*block], connections));
            }
            Step::Replace { block, nic } => {
                if let Some(d) = device(*nic, out) {
                    out.remove(path.clone(), format!("{words}, which was of another type"), d, Files::Keep);
                }
                out.add(path, words, convert::device(&wanted[*block], connections));
            }
            Step::Edit { block, nic, edits } => {
                if let Some(mut d) = device(*nic, out) {
                    convert::edit(&mut d, &wanted[*block], *edits, connections, prior.is_none());
                    out.edit(path, words, d);
                }
            }
        }
    }
    effects
}

/// The blocks of the state with the values of the virtual machine: removed interfaces are left out, and so are those that the state does not contain,
/// unless it is `imported`. `connections` are those of the networks that [`unclear`] names.
pub(super) fn observed(
    vm: &VirtualMachine,
    state: &M,
    imported: bool,
    connections: &Connections,
) -> Vec<NicModel> {
    let devices = vm.devices();
    let nics = devices.nics();
    let there: Vec<Nic> =
        nics.iter().map(|n| convert::seen(n, &devices, connections, &vm.networks)).collect();
    let model = |n: usize, before: Option<&NicModel>| {
        let address = devices.by_key(nics[n].key()).and_then(|d| devices.address_text(d));
        convert::model(&there[n], &nics[n], address, before)
    };
    let known = known(state);
    let found = plan::locate(&known, &there);
    let mut out: Vec<NicModel> = (found.iter().zip(blocks(state)))
        .filter_map(|(n, before)| Some(model((*n)?, Some(before))))
        .collect();
    if imported {
        out.extend((0..there.len()).filter(|n| !found.contains(&Some(*n))).map(|n| model(n, None)));
    }
    out
}

/// The interfaces of a virtual machine in the order in which blocks take them over, as blocks of the state. `connections`
/// are those of the networks that [`unclear`] names.
pub(super) fn in_order(vm: &VirtualMachine, connections: &Connections) -> Vec<NicModel> {
    let devices = vm.devices();
    let nics = devices.nics();
    let model = |n: &vsphere_client::device::Nic<'_>| {
        convert::model(&convert::seen(n, &devices, connections, &vm.networks), n, None, None)
    };
    nics.iter().map(model).collect()
}

/// Blocks that declare a network and at most a type. In all else each is as the interface in its place.
pub(super) fn completed(
    vm: &VirtualMachine,
    connections: &Connections,
    blocks: &[NicModel],
) -> Vec<NicModel> {
    let mut there = in_order(vm, connections).into_iter();
    let complete = |b: &NicModel| {
        let there = there.next().unwrap_or_default();
        let adapter = if b.adapter_type.is_null() { there.adapter_type } else { b.adapter_type.clone() };
        let mut block = NicModel { network_id: b.network_id.clone(), adapter_type: adapter, ..there };
        block.set_defaults(&NicModel::block());
        block
    };
    blocks.iter().map(complete).collect()
}

/// Whether a plan has the interfaces of an import as they are, in any order; those that it does not declare stay.
pub(super) fn rests_after_import(prior: &M, planned: &M) -> bool {
    // Which network of a package it came from is in no vCenter, and neither is its name.
    let word =
        |found: &Value<String>, b: &Value<String>| if found.is_null() { Value::Null } else { b.clone() };
    let same = |found: &NicModel, b: &NicModel| {
        let ovf_mapping = word(&found.ovf_mapping, &b.ovf_mapping);
        *found == NicModel { ovf_mapping, name: word(&found.name, &b.name), ..b.clone() }
    };
    let is_there = |b: &NicModel| blocks(prior).iter().any(|found| same(found, b));
    !planned.network_interface.is_unknown() && blocks(planned).iter().all(is_there)
}

/// The ids of the networks that a state names.
pub(super) fn known_networks(prior: Option<&M>) -> std::collections::BTreeSet<String> {
    prior.map(blocks).unwrap_or_default().iter().filter_map(|b| b.network_id.known().cloned()).collect()
}

/// The ids of networks that the plan names, with the block that does.
pub(super) fn networks(plan: &M) -> Vec<(AttributePath, String)> {
    let named =
        |(i, b): (usize, &NicModel)| Some((field(i, NicModel::NETWORK_ID), b.network_id.known()?.clone()));
    blocks(plan).iter().enumerate().filter_map(named).collect()
}

#[cfg(test)]
mod tests;
