//! What a network interface is configured by.
use super::forms;
use tf_framework::{Model, Value};

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NicModel {
    /// The managed object ID of the network, such as `network-7` or `dvportgroup-12`.
    #[tf(required)]
    pub network_id: Value<String>,
    /// A name for the network interface, such as `eth0`, which must be unique in the virtual machine. `guest_networks` has it,
    /// too. vSphere does not store it. A block is matched with a network interface in the state by its name, so that blocks can
    /// be reordered.
    #[tf(optional, check = forms::interface_name)]
    pub name: Value<String>,
    /// The adapter type: `vmxnet3`, `e1000`, `e1000e`, `sriov`, `vmxnet3vrdma`, `pcnet32`, `vmxnet2` or `vmxnet`.
    /// Changing this replaces the network interface.
    #[tf(
        optional,
        default = "vmxnet3",
        one_of("vmxnet3", "e1000", "e1000e", "sriov", "vmxnet3vrdma", "pcnet32", "vmxnet2", "vmxnet")
    )]
    pub adapter_type: Value<String>,
    /// Whether to use the MAC address in `mac_address`. If `false`, vCenter assigns a MAC address.
    #[tf(optional)]
    pub use_static_mac: Value<bool>,
    /// The MAC address, such as `00:50:56:01:02:03`. Set this only if `use_static_mac` is `true`. Changing this
    /// requires the virtual machine to be powered off.
    #[tf(optional, computed, same = forms::same_mac)]
    pub mac_address: Value<String>,
    /// The maximum bandwidth, in Mbit/s. `-1` means no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub bandwidth_limit: Value<i64>,
    /// The bandwidth that is reserved for the network interface, in Mbit/s.
    #[tf(optional, default = 0, at_least = 0)]
    pub bandwidth_reservation: Value<i64>,
    /// The bandwidth share level, which determines the priority of the network interface when bandwidth is scarce:
    /// `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub bandwidth_share_level: Value<String>,
    /// The number of bandwidth shares. Set this only if `bandwidth_share_level` is `custom`.
    #[tf(optional, computed, at_least = 0, level = "bandwidth_share_level")]
    pub bandwidth_share_count: Value<i64>,
    /// The PCI ID of the physical function on the host, such as `0000:3b:00.0`. Required if `adapter_type` is `sriov`.
    #[tf(optional)]
    pub physical_function: Value<String>,
    /// The ID of the external port of an opaque network, such as an NSX segment.
    #[tf(optional, computed)]
    pub external_port_id: Value<String>,
    /// The name of the network in the OVF package to connect to `network_id`. Used only when the virtual machine is
    /// created.
    #[tf(optional)]
    pub ovf_mapping: Value<String>,
    /// The device key in the virtual machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// The address of the network interface: bus, controller number and unit number, such as `pci:0:7`.
    #[tf(computed)]
    pub device_address: Value<String>,
}
