//! From blocks and devices to plain values, and back.
use super::super::model::{NicModel, plain_mac};
use super::Connections;
use super::plan::{Bandwidth, Edits, Mac, Nic, SRIOV, Wanted};
use tf_framework::Value;
use vsphere_client::MoRef;
use vsphere_client::device::{
    self, AdapterType, Connection, Devices, ethernet_mut, new_nic, physical_function, set_physical_function,
};
use vsphere_client::vim::types::{
    SharesInfo, SharesLevel, VirtualDeviceKind, VirtualEthernetCardResourceAllocation,
};

const CUSTOM: &str = "custom";

fn text(v: &Value<String>) -> Option<String> {
    v.non_empty().cloned()
}

/// A planned block; `config` is what the user wrote of it, while that is at hand.
pub(super) fn wanted(block: &NicModel, config: Option<&NicModel>) -> Wanted {
    let address = config.map_or(&block.mac_address, |c| &c.mac_address);
    let mac = match (&block.use_static_mac, address) {
        (Value::Unknown, _) | (Value::Known(true), Value::Unknown) => Mac::Unknown,
        (Value::Known(true), Value::Known(a)) if !a.is_empty() => Mac::Fixed(plain_mac(a)),
        _ => Mac::Any,
    };
    Wanted {
        adapter: block.adapter_type.known().cloned(),
        network: block.network_id.known().cloned(),
        mac,
        bandwidth: bandwidth(block),
        function: match &block.physical_function {
            Value::Unknown => None,
            _ if block.adapter_type.as_str() != SRIOV => Some(None),
            known => Some(text(known)),
        },
        port: text(config.map_or(&block.external_port_id, |c| &c.external_port_id)),
        name: block.name.get(),
        unnamed: block.name.is_unknown(),
    }
}

fn bandwidth(block: &NicModel) -> Option<Bandwidth> {
    let level = block.bandwidth_share_level.known()?.clone();
    let shares = match level.as_str() {
        CUSTOM if block.bandwidth_share_count.is_unknown() => return None,
        CUSTOM => Some(block.bandwidth_share_count.get()),
        _ => None,
    };
    let (limit, reservation) = (&block.bandwidth_limit, &block.bandwidth_reservation);
    if limit.is_unknown() || reservation.is_unknown() {
        return None;
    }
    Some(Bandwidth {
        limit: limit.known().copied().unwrap_or(-1),
        reservation: reservation.get(),
        level,
        shares,
    })
}

/// A block of the state.
pub(super) fn known(block: &NicModel) -> Nic {
    Nic {
        key: block.key.get(),
        adapter: block.adapter_type.get(),
        network: text(&block.network_id),
        mac: plain_mac(block.mac_address.as_str()),
        manual: block.use_static_mac.get(),
        bandwidth: bandwidth(block).unwrap_or_default(),
        function: text(&block.physical_function),
        port: text(&block.external_port_id),
        name: block.name.get(),
    }
}

/// A device. `networks` are those that its machine is connected to.
pub(super) fn seen(
    nic: &device::Nic<'_>,
    devices: &Devices,
    connections: &Connections,
    networks: &[MoRef],
) -> Nic {
    let function = devices.by_key(nic.key()).and_then(physical_function);
    Nic {
        key: i64::from(nic.key()),
        adapter: nic.ty.map(|t| t.name().to_owned()).unwrap_or_default(),
        network: nic.connection().and_then(|c| network_of(&c, connections, networks)),
        mac: nic.mac().unwrap_or_default(),
        manual: nic.static_mac(),
        bandwidth: nic.allocation().map(allocated).unwrap_or_default(),
        function: function.map(str::to_owned),
        port: nic.external_id().map(str::to_owned),
        name: String::new(),
    }
}

fn allocated(a: &VirtualEthernetCardResourceAllocation) -> Bandwidth {
    let level = Some(a.share.level.as_str()).filter(|l| !l.is_empty()).unwrap_or("normal");
    Bandwidth {
        limit: a.limit.unwrap_or(-1),
        reservation: a.reservation.unwrap_or_default(),
        level: level.to_owned(),
        shares: (level == CUSTOM).then(|| i64::from(a.share.shares)),
    }
}

/// The id of the network that a connection leads to; `None` if it is not known.
pub(super) fn network_of(
    connection: &Connection,
    connections: &Connections,
    networks: &[MoRef],
) -> Option<String> {
    if let Some((id, _)) = connections.iter().find(|(_, c)| c.same_network(connection)) {
        return Some(id.clone());
    }
    match connection {
        Connection::Standard { network: Some(network), .. } => Some(network.id.to_string()),
        // The key of a port group is the id that it had when it was made: the same, unless vCenter was restored.
        Connection::Distributed { portgroup_key: Some(key), .. } => Some(key.clone()),
        Connection::Opaque { .. } => {
            let mut opaque = networks.iter().filter(|n| &*n.ty == "OpaqueNetwork");
            opaque.next().filter(|_| opaque.next().is_none()).map(|n| n.id.to_string())
        }
        _ => None,
    }
}

/// What the state says of an interface that is there; `before` is what it said.
pub(super) fn model(
    nic: &Nic,
    device: &device::Nic<'_>,
    address: Option<String>,
    before: Option<&NicModel>,
) -> NicModel {
    let other = matches!(device.connection(), Some(Connection::Other(_)));
    let keep = |v: fn(&NicModel) -> &Value<String>| before.map(|b| v(b).clone()).unwrap_or_default();
    let shares = device.allocation().map(|a| i64::from(a.share.shares));
    NicModel {
        network_id: match &nic.network {
            Some(network) => network.clone().into(),
            // An unknown kind of connection is not a difference; a missing connection is.
            None if other => keep(|b| &b.network_id),
            None => "".into(),
        },
        adapter_type: if nic.adapter.is_empty() {
            keep(|b| &b.adapter_type)
        } else {
            nic.adapter.clone().into()
        },
        use_static_mac: match before {
            // Without a word of it vSphere chooses.
            None if !nic.manual => Value::Null,
            _ => nic.manual.into(),
        },
        mac_address: nic.mac.clone().into(),
        bandwidth_limit: nic.bandwidth.limit.into(),
        bandwidth_reservation: nic.bandwidth.reservation.into(),
        bandwidth_share_level: nic.bandwidth.level.clone().into(),
        bandwidth_share_count: shares.unwrap_or_default().into(),
        physical_function: nic.function.clone().into(),
        external_port_id: nic.port.clone().unwrap_or_default().into(),
        ovf_mapping: keep(|b| &b.ovf_mapping),
        name: keep(|b| &b.name),
        key: nic.key.into(),
        device_address: address.into(),
    }
}

/// An interface in a few words.
pub(super) fn words(block: usize, wanted: &Wanted) -> String {
    let adapter = wanted.adapter.as_deref().unwrap_or("of a type that is not known yet");
    let network =
        wanted.network.as_deref().map_or("a network that is not known yet".to_owned(), |n| format!("{n:?}"));
    format!("the network interface {} ({adapter} on {network})", block + 1)
}

/// A new device with a temporary key.
pub(super) fn device(wanted: &Wanted, connections: &Connections) -> VirtualDeviceKind {
    let ty = wanted.adapter.as_deref().and_then(AdapterType::from_name).unwrap_or(AdapterType::Vmxnet3);
    let mac = match &wanted.mac {
        Mac::Fixed(mac) => Some(mac.as_str()),
        _ => None,
    };
    let nowhere = Connection::Other(String::new());
    let connection = wanted.network.as_ref().and_then(|n| connections.get(n)).unwrap_or(&nowhere);
    let mut device = new_nic(ty, 0, connection, mac);
    // What is as it is anyway is left to the server: not every host takes allocations.
    let edits = Edits {
        bandwidth: wanted.bandwidth.as_ref().is_some_and(|b| *b != Bandwidth::default()),
        function: wanted.function.as_ref().is_some_and(Option::is_some),
        port: wanted.port.is_some(),
        ..Edits::default()
    };
    edit(&mut device, wanted, edits, connections, false);
    device
}

/// Changes a device. A copy (`is_copy`) does not keep an address that was not chosen: it would be that of the original.
pub(super) fn edit(
    device: &mut VirtualDeviceKind,
    wanted: &Wanted,
    edits: Edits,
    connections: &Connections,
    is_copy: bool,
) {
    if edits.function
        && let Some(Some(function)) = &wanted.function
    {
        set_physical_function(device, function);
    }
    let Some(card) = ethernet_mut(device) else { return };
    if edits.network
        && let Some(connection) = wanted.network.as_ref().and_then(|n| connections.get(n))
    {
        card.base.backing = connection.backing().map(Box::new);
    }
    match &wanted.mac {
        Mac::Fixed(mac) if edits.mac => {
            card.address_type = Some("manual".to_owned());
            card.mac_address = Some(mac.clone());
        }
        Mac::Any if edits.mac => {
            card.address_type = Some("assigned".to_owned());
            card.mac_address = None;
        }
        Mac::Any if is_copy => card.mac_address = None,
        _ => {}
    }
    if edits.bandwidth
        && let Some(b) = &wanted.bandwidth
    {
        card.resource_allocation = Some(Box::new(allocation(b)));
    }
    if edits.port {
        card.external_id = wanted.port.clone();
    }
}

fn allocation(b: &Bandwidth) -> VirtualEthernetCardResourceAllocation {
    let level = match b.level.as_str() {
        "low" => SharesLevel::Low,
        "high" => SharesLevel::High,
        CUSTOM => SharesLevel::Custom,
        _ => SharesLevel::Normal,
    };
    let shares = b.shares.and_then(|s| i32::try_from(s).ok()).unwrap_or_default();
    VirtualEthernetCardResourceAllocation {
        reservation: Some(b.reservation),
        share: SharesInfo { shares, level },
        limit: Some(b.limit),
    }
}
