//! What is wrong with declared interfaces, before there is a server to ask.
use super::super::model::{NicModel, plain_mac};
use super::plan::SRIOV;
use super::{M, at, blocks, field};
use crate::common::{entity, shares};
use crate::vm::virtual_machine::pci;
use std::collections::BTreeMap;
use tf_framework::{Diagnostics, Value};

/// The summary of an error about an id.
pub(super) const NOT_A_NETWORK: &str = "`network_id` is not the ID of a network";

/// What is wrong whatever the machine is like.
pub(in super::super) fn validate(config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (i, nic) in blocks(config).iter().enumerate() {
        network(i, nic, &mut out);
        address(i, nic, &mut seen, &mut out);
        bandwidth(i, nic, &mut out);
        // The type may be that of a class, which the plan reads.
        if !nic.adapter_type.is_null()
            || config.class_name.known().map_or(config.class_name.is_null(), String::is_empty)
        {
            out.merge(function(i, nic, config));
        }
    }
    names(blocks(config), &mut out);
    if let Some(detail) = config.default_network_id.non_empty().and_then(|id| wrong_kind(id)) {
        let summary = "`default_network_id` is not the ID of a network";
        out.merge(Diagnostics::error(M::DEFAULT_NETWORK_ID, summary, detail));
    }
    out
}

/// What an id is that is not the id of a network.
pub(super) fn wrong_kind(id: &str) -> Option<String> {
    let what = match entity::type_of(id) {
        _ if id.trim().is_empty() => "The ID is empty.".to_owned(),
        Some("Network" | "DistributedVirtualPortgroup") => return None,
        Some("VmwareDistributedVirtualSwitch") => format!(
            "{id:?} is the ID of a distributed switch; an interface is connected to one of its port groups."
        ),
        Some(ty) => format!("{id:?} is the ID of {}.", entity::words(ty)),
        None if id.contains('/') => format!("{id:?} is an inventory path."),
        // Servers other than vCenter have ids of other forms.
        None => return None,
    };
    Some(format!(
        "{what} Expected the managed object ID of a network, such as \"network-7\" or \"dvportgroup-12\". The data source \
         `vsphere_network` returns the ID of a network by name."
    ))
}

fn network(i: usize, nic: &NicModel, out: &mut Diagnostics) {
    if let Some(detail) = nic.network_id.known().and_then(|id| wrong_kind(id)) {
        out.merge(Diagnostics::error(field(i, NicModel::NETWORK_ID), NOT_A_NETWORK, detail));
    }
}

/// Names are unique.
fn names(all: &[NicModel], out: &mut Diagnostics) {
    for (i, nic) in all.iter().enumerate() {
        let Some(name) = nic.name.non_empty() else { continue };
        if let Some(k) = (0..i).find(|&k| all[k].name.known() == Some(name)) {
            let detail = format!(
                "`network_interface[{k}]` has the name {name:?}, too. Names are unique in a virtual machine."
            );
            let at = field(i, NicModel::NAME);
            out.merge(Diagnostics::error(at, "Two network interfaces of one name", detail));
        }
    }
}

/// What is wrong with a MAC address; it is in the form that vSphere writes.
fn malformed(mac: &str) -> Option<&'static str> {
    let bytes: Vec<&str> = mac.split(':').collect();
    let hex = |b: &&str| b.len() == 2 && b.bytes().all(|c| c.is_ascii_hexdigit());
    if bytes.len() != 6 || !bytes.iter().all(hex) {
        return Some("is not a MAC address: six bytes in hexadecimal, such as \"00:50:56:01:02:03\"");
    }
    if mac == "00:00:00:00:00:00" {
        return Some("is not the address of an interface: choose another");
    }
    let first = u8::from_str_radix(bytes[0], 16).unwrap_or_default();
    (first & 1 == 1)
        .then_some("is the address of a group (its first byte is odd): choose one with an even first byte")
}

fn address(i: usize, nic: &NicModel, seen: &mut BTreeMap<String, usize>, out: &mut Diagnostics) {
    let at = field(i, NicModel::MAC_ADDRESS);
    let fixed = nic.use_static_mac.get();
    let given = nic.mac_address.non_empty();
    if fixed && given.is_none() && !nic.mac_address.is_unknown() {
        let detail = "With `use_static_mac`, `mac_address` says which address the interface has: set it.";
        out.merge(Diagnostics::error(at, "`mac_address` is needed", detail));
        return;
    }
    let Some(given) = given else { return };
    let mac = plain_mac(given);
    if let Some(problem) = malformed(&mac) {
        let detail = format!("{given:?} {problem}.");
        out.merge(Diagnostics::error(at, "`mac_address` cannot be an interface's", detail));
    } else if fixed && let Some(first) = seen.insert(mac, i) {
        let detail = format!(
            "{given:?} is the address of `network_interface[{first}]` too. Two interfaces of one machine cannot share an \
             address."
        );
        out.merge(Diagnostics::error(at, "The MAC address is given twice", detail));
    }
}

fn bandwidth(i: usize, nic: &NicModel, out: &mut Diagnostics) {
    if let (Some(reserved), Some(limit)) = (nic.bandwidth_reservation.known(), nic.bandwidth_limit.known())
        && *limit >= 0
        && reserved > limit
    {
        let detail = format!(
            "{reserved} Mbit/s cannot be kept for an interface that may use {limit} (`bandwidth_limit`)."
        );
        let at = field(i, NicModel::BANDWIDTH_RESERVATION);
        out.merge(Diagnostics::error(at, "The reservation is above the limit", detail));
    }
    let level = (&nic.bandwidth_share_level, NicModel::BANDWIDTH_SHARE_LEVEL);
    let number = (&nic.bandwidth_share_count, NicModel::BANDWIDTH_SHARE_COUNT);
    out.merge(shares::check(&at(i), level, number));
}

/// What is wrong with the physical function of an interface, and with what it does not go with.
pub(in super::super) fn function(i: usize, nic: &NicModel, config: &M) -> Diagnostics {
    let mut out = Diagnostics::default();
    let set = nic.physical_function.known().is_some_and(|f| !f.is_empty());
    let at = field(i, NicModel::PHYSICAL_FUNCTION);
    if nic.adapter_type.is_unknown() {
        return out;
    }
    if nic.adapter_type.as_str() != SRIOV {
        if set {
            let detail = "It belongs to interfaces of the type `sriov`: set `adapter_type = \"sriov\"`, or leave it out.";
            out.merge(Diagnostics::error(at, "`physical_function` needs the type sriov", detail));
        }
        return out;
    }
    if !set && !nic.physical_function.is_unknown() {
        let detail = "An interface of the type `sriov` is a part of a physical adapter of the host: give the ID of that \
                      adapter, such as \"0000:3b:00.0\".";
        out.merge(Diagnostics::error(at.clone(), "`physical_function` is needed", detail));
    }
    let shared = [
        (NicModel::BANDWIDTH_LIMIT, nic.bandwidth_limit.known().is_some_and(|v| *v != -1)),
        (NicModel::BANDWIDTH_RESERVATION, nic.bandwidth_reservation.get() != 0),
        (
            NicModel::BANDWIDTH_SHARE_LEVEL,
            nic.bandwidth_share_level.known().is_some_and(|l| !l.is_empty() && l != "normal"),
        ),
    ];
    for (name, set) in shared {
        if set {
            let detail = "An interface of the type `sriov` bypasses what shares out bandwidth. Leave it out.";
            let summary = format!("`{}` is not for the type sriov", name.0);
            out.merge(Diagnostics::error(field(i, name), summary, detail));
        }
    }
    pci::needs_reserved_memory(
        config,
        &field(i, NicModel::ADAPTER_TYPE),
        "An interface of the type `sriov`",
        &mut out,
    );
    out
}

/// What is wrong with a block given its partner in the state, which may be none.
pub(super) fn against(
    i: usize,
    config: &NicModel,
    planned: &NicModel,
    partner: Option<&NicModel>,
) -> Diagnostics {
    let mut out = Diagnostics::default();
    if let Value::Known(mac) = &config.mac_address
        && !mac.is_empty()
        && !planned.use_static_mac.is_unknown()
        && !planned.use_static_mac.get()
        && partner.is_none_or(|p| plain_mac(p.mac_address.as_str()) != plain_mac(mac))
    {
        let detail = format!(
            "Without `use_static_mac`, vCenter chooses the address, and {mac:?} would not be it. Set `use_static_mac = \
             true`, or leave `mac_address` out."
        );
        let at = field(i, NicModel::MAC_ADDRESS);
        out.merge(Diagnostics::error(at, "`mac_address` needs `use_static_mac`", detail));
    }
    out
}
