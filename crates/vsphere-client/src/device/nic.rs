//! Network interfaces: their types, what they are connected to, and which is which.

use std::fmt;

use vim_types::types::{
    DistributedVirtualSwitchPortConnection, VirtualDevice, VirtualDeviceBackingInfoKind,
    VirtualDeviceConnectInfo, VirtualDeviceDeviceBackingInfo, VirtualDeviceKind, VirtualE1000, VirtualE1000e,
    VirtualEthernetCard, VirtualEthernetCardDistributedVirtualPortBackingInfo,
    VirtualEthernetCardNetworkBackingInfo, VirtualEthernetCardOpaqueNetworkBackingInfo,
    VirtualEthernetCardResourceAllocation, VirtualPCIPassthroughDeviceBackingInfo, VirtualPCNet32,
    VirtualSriovEthernetCard, VirtualSriovEthernetCardSriovBackingInfo, VirtualVmxnet, VirtualVmxnet2,
    VirtualVmxnet3, VirtualVmxnet3Vrdma,
};
use vim_types::xml::MoRef;

/// A type of network adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AdapterType {
    /// VMware's paravirtual adapter of the third generation.
    Vmxnet3,
    /// The same with remote direct memory access; from API 6.5 on.
    Vmxnet3Vrdma,
    /// VMware's of the second generation.
    Vmxnet2,
    /// VMware's first, or one that chooses between it and PCnet32.
    Vmxnet,
    /// Intel 82545EM.
    E1000,
    /// Intel 82574L.
    E1000e,
    /// AMD PCnet32.
    PcNet32,
    /// A function of a physical adapter, passed through.
    Sriov,
}

impl AdapterType {
    /// All of them.
    pub const ALL: [AdapterType; 8] = [
        AdapterType::Vmxnet3,
        AdapterType::Vmxnet3Vrdma,
        AdapterType::Vmxnet2,
        AdapterType::Vmxnet,
        AdapterType::E1000,
        AdapterType::E1000e,
        AdapterType::PcNet32,
        AdapterType::Sriov,
    ];

    /// By the name of the type in the API, such as `VirtualVmxnet3`.
    pub fn from_type(name: &str) -> Option<Self> {
        Some(match name {
            "VirtualVmxnet3" => AdapterType::Vmxnet3,
            "VirtualVmxnet3Vrdma" => AdapterType::Vmxnet3Vrdma,
            "VirtualVmxnet2" => AdapterType::Vmxnet2,
            "VirtualVmxnet" => AdapterType::Vmxnet,
            "VirtualE1000" => AdapterType::E1000,
            "VirtualE1000e" => AdapterType::E1000e,
            "VirtualPCNet32" => AdapterType::PcNet32,
            "VirtualSriovEthernetCard" => AdapterType::Sriov,
            _ => return None,
        })
    }

    /// `vmxnet3`, `vmxnet3vrdma`, `vmxnet2`, `vmxnet`, `e1000`, `e1000e`, `pcnet32`, `sriov`.
    pub fn name(self) -> &'static str {
        match self {
            AdapterType::Vmxnet3 => "vmxnet3",
            AdapterType::Vmxnet3Vrdma => "vmxnet3vrdma",
            AdapterType::Vmxnet2 => "vmxnet2",
            AdapterType::Vmxnet => "vmxnet",
            AdapterType::E1000 => "e1000",
            AdapterType::E1000e => "e1000e",
            AdapterType::PcNet32 => "pcnet32",
            AdapterType::Sriov => "sriov",
        }
    }

    /// The type of that [`name`](AdapterType::name).
    pub fn from_name(name: &str) -> Option<AdapterType> {
        AdapterType::ALL.into_iter().find(|t| t.name() == name)
    }

    /// A new adapter of the type from what all types have; connected when the machine starts. An SR-IOV
    /// adapter has its physical function set afterwards, see [`set_physical_function`].
    pub fn device(self, mut card: VirtualEthernetCard) -> VirtualDeviceKind {
        card.base.connectable.get_or_insert_with(|| {
            Box::new(VirtualDeviceConnectInfo {
                start_connected: true,
                allow_guest_control: true,
                connected: true,
                ..Default::default()
            })
        });
        let vmxnet = |base| VirtualVmxnet { base };
        match self {
            AdapterType::Vmxnet3 => VirtualVmxnet3 { base: vmxnet(card), ..Default::default() }.into(),
            AdapterType::Vmxnet3Vrdma => VirtualVmxnet3Vrdma {
                base: VirtualVmxnet3 { base: vmxnet(card), ..Default::default() },
                ..Default::default()
            }
            .into(),
            AdapterType::Vmxnet2 => VirtualVmxnet2 { base: vmxnet(card) }.into(),
            AdapterType::Vmxnet => vmxnet(card).into(),
            AdapterType::E1000 => VirtualE1000 { base: card }.into(),
            AdapterType::E1000e => VirtualE1000e { base: card }.into(),
            AdapterType::PcNet32 => VirtualPCNet32 { base: card }.into(),
            AdapterType::Sriov => VirtualSriovEthernetCard { base: card, ..Default::default() }.into(),
        }
    }
}

impl fmt::Display for AdapterType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a network interface is connected to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Connection {
    /// A network of a host's own switch.
    Standard {
        /// The network; nothing in requests that name it only.
        network: Option<MoRef>,
        /// Its name.
        name: String,
    },
    /// A port group, or a port, of a distributed switch.
    Distributed {
        /// The UUID of the switch.
        switch_uuid: String,
        /// The key of the port group (the id of its reference); nothing for a port of its own.
        portgroup_key: Option<String>,
        /// The port; in requests only for one of its own.
        port_key: Option<String>,
    },
    /// A network that another system (NSX) manages.
    Opaque {
        /// Its id.
        id: String,
        /// Its type (`nsx.LogicalSwitch`, …).
        ty: String,
    },
    /// Anything else, by the name of its type.
    Other(String),
}

impl Connection {
    /// The backing of a network interface as a connection; nothing when it is of another kind of device.
    pub fn of(backing: &VirtualDeviceBackingInfoKind) -> Option<Connection> {
        use VirtualDeviceBackingInfoKind as B;
        Some(match backing {
            B::VirtualEthernetCardNetworkBackingInfo(b) => {
                Connection::Standard { network: b.network.clone(), name: b.device_name.clone() }
            }
            B::VirtualEthernetCardDistributedVirtualPortBackingInfo(b) => Connection::Distributed {
                switch_uuid: b.port.switch_uuid.clone(),
                portgroup_key: b.port.portgroup_key.clone(),
                port_key: b.port.port_key.clone(),
            },
            B::VirtualEthernetCardOpaqueNetworkBackingInfo(b) => {
                Connection::Opaque { id: b.opaque_network_id.clone(), ty: b.opaque_network_type.clone() }
            }
            B::Unknown(tree) => Connection::Other(tree.type_name.to_string()),
            _ => return None,
        })
    }

    /// The connection as a backing for a request. A connection of [another kind](Connection::Other) cannot be
    /// asked for.
    pub fn backing(&self) -> Option<VirtualDeviceBackingInfoKind> {
        Some(match self {
            Connection::Standard { network, name } => VirtualEthernetCardNetworkBackingInfo {
                base: VirtualDeviceDeviceBackingInfo { device_name: name.clone(), ..Default::default() },
                network: network.clone(),
                ..Default::default()
            }
            .into(),
            Connection::Distributed { switch_uuid, portgroup_key, port_key } => {
                VirtualEthernetCardDistributedVirtualPortBackingInfo {
                    port: DistributedVirtualSwitchPortConnection {
                        switch_uuid: switch_uuid.clone(),
                        portgroup_key: portgroup_key.clone(),
                        port_key: port_key.clone(),
                        ..Default::default()
                    },
                    ..Default::default()
                }
                .into()
            }
            Connection::Opaque { id, ty } => VirtualEthernetCardOpaqueNetworkBackingInfo {
                opaque_network_id: id.clone(),
                opaque_network_type: ty.clone(),
                ..Default::default()
            }
            .into(),
            Connection::Other(_) => return None,
        })
    }

    /// Whether both lead to the same network. The port that a distributed switch picked does not matter, nor
    /// the name of a network whose reference is known.
    pub fn same_network(&self, other: &Connection) -> bool {
        match (self, other) {
            (
                Connection::Standard { network: Some(a), .. },
                Connection::Standard { network: Some(b), .. },
            ) => a.id == b.id,
            (Connection::Standard { name: a, .. }, Connection::Standard { name: b, .. }) => a == b,
            (
                Connection::Distributed { switch_uuid: a, portgroup_key: Some(x), .. },
                Connection::Distributed { switch_uuid: b, portgroup_key: Some(y), .. },
            ) => x == y && same_uuid(a, b),
            (Connection::Opaque { id: a, .. }, Connection::Opaque { id: b, .. }) => a == b,
            (a, b) => a == b,
        }
    }
}

/// Switch UUIDs come with blanks and hyphens at different places.
fn same_uuid(a: &str, b: &str) -> bool {
    let digits = |text: &str| -> String {
        text.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect()
    };
    digits(a) == digits(b)
}

/// A network interface of a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nic<'a> {
    /// Its type; nothing for one that is not known.
    pub ty: Option<AdapterType>,
    /// What all types have.
    pub card: &'a VirtualEthernetCard,
}

impl<'a> Nic<'a> {
    /// The device as a network interface; nothing when it is none.
    pub fn of(device: &'a VirtualDeviceKind) -> Option<Nic<'a>> {
        use VirtualDeviceKind as D;
        let nic = |ty, card| Some(Nic { ty: Some(ty), card });
        match device {
            D::VirtualVmxnet3(d) => nic(AdapterType::Vmxnet3, d),
            D::VirtualVmxnet3Vrdma(d) => nic(AdapterType::Vmxnet3Vrdma, d),
            D::VirtualVmxnet2(d) => nic(AdapterType::Vmxnet2, d),
            D::VirtualVmxnet(d) => nic(AdapterType::Vmxnet, d),
            D::VirtualE1000(d) => nic(AdapterType::E1000, d),
            D::VirtualE1000e(d) => nic(AdapterType::E1000e, d),
            D::VirtualPCNet32(d) => nic(AdapterType::PcNet32, d),
            D::VirtualSriovEthernetCard(d) => nic(AdapterType::Sriov, d),
            D::VirtualEthernetCard(card) => Some(Nic { ty: None, card }),
            _ => None,
        }
    }

    /// The key: from 4000 on, in the order of creation; it stays as long as the interface.
    pub fn key(&self) -> i32 {
        self.card.key
    }

    /// The MAC address in lower case; nothing while none is assigned.
    pub fn mac(&self) -> Option<String> {
        self.card.mac_address.as_deref().filter(|m| !m.is_empty()).map(str::to_lowercase)
    }

    /// Whether the MAC address was given by hand.
    pub fn static_mac(&self) -> bool {
        self.card.address_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("manual"))
    }

    /// What it is connected to.
    pub fn connection(&self) -> Option<Connection> {
        Connection::of(self.card.backing.as_deref()?)
    }

    /// How much of the network it gets; nothing where the server does not tell.
    pub fn allocation(&self) -> Option<&'a VirtualEthernetCardResourceAllocation> {
        self.card.resource_allocation.as_deref()
    }

    /// The port of a network that another system manages.
    pub fn external_id(&self) -> Option<&'a str> {
        self.card.external_id.as_deref().filter(|id| !id.is_empty())
    }

    /// Whether the interface is connected now, as the host sees it.
    pub fn connected(&self) -> bool {
        self.card.connectable.as_deref().is_some_and(|c| c.connected)
    }
}

/// What all network interfaces have, to be changed; nothing when the device is none.
pub fn ethernet_mut(device: &mut VirtualDeviceKind) -> Option<&mut VirtualEthernetCard> {
    use VirtualDeviceKind as D;
    match device {
        D::VirtualVmxnet3(d) => Some(d),
        D::VirtualVmxnet3Vrdma(d) => Some(d),
        D::VirtualVmxnet2(d) => Some(d),
        D::VirtualVmxnet(d) => Some(d),
        D::VirtualE1000(d) => Some(d),
        D::VirtualE1000e(d) => Some(d),
        D::VirtualPCNet32(d) => Some(d),
        D::VirtualSriovEthernetCard(d) => Some(d),
        D::VirtualEthernetCard(d) => Some(d),
        _ => None,
    }
}

/// A network interface from what it is connected to; its key is temporary.
pub fn new_nic(ty: AdapterType, key: i32, connection: &Connection, mac: Option<&str>) -> VirtualDeviceKind {
    ty.device(VirtualEthernetCard {
        base: VirtualDevice { key, backing: connection.backing().map(Box::new), ..Default::default() },
        address_type: mac.map(|_| "manual".to_owned()),
        mac_address: mac.map(str::to_owned),
        wake_on_lan_enabled: Some(true),
        ..Default::default()
    })
}

/// The physical function of the host (`0000:3b:00.0`) that an SR-IOV adapter is a part of.
pub fn physical_function(device: &VirtualDeviceKind) -> Option<&str> {
    let VirtualDeviceKind::VirtualSriovEthernetCard(card) = device else { return None };
    let backing = card.sriov_backing.as_deref()?.physical_function_backing.as_deref()?;
    Some(backing.id.as_str()).filter(|id| !id.is_empty())
}

/// Makes an SR-IOV adapter a part of that physical function; nothing happens to devices of other types. vSphere finds
/// the function by its id alone: what else a passed-through device is known by is given the values that say so.
pub fn set_physical_function(device: &mut VirtualDeviceKind, id: &str) {
    if let VirtualDeviceKind::VirtualSriovEthernetCard(card) = device {
        let function = VirtualPCIPassthroughDeviceBackingInfo {
            id: id.to_owned(),
            device_id: "0".to_owned(),
            system_id: "BYPASS".to_owned(),
            vendor_id: 0,
            ..Default::default()
        };
        card.sriov_backing = Some(Box::new(VirtualSriovEthernetCardSriovBackingInfo {
            physical_function_backing: Some(Box::new(function)),
            ..Default::default()
        }));
    }
}
