//! What a network interface is configured by.
use tf_framework::{Dynamic, Model, Value};

/// A network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct NicModel {
    /// The managed object id of the network, such as `network-7` or `dvportgroup-12`.
    #[tf(required)]
    pub network_id: Value<String>,
    /// The type: `vmxnet3`, `e1000`, `e1000e`, `sriov`, `vmxnet3vrdma`, `pcnet32`, `vmxnet2` or `vmxnet`. Another one makes a new
    /// interface.
    #[tf(
        optional,
        default = "vmxnet3",
        one_of("vmxnet3", "e1000", "e1000e", "sriov", "vmxnet3vrdma", "pcnet32", "vmxnet2", "vmxnet")
    )]
    pub adapter_type: Value<String>,
    /// Whether `mac_address` is the one to have. Otherwise vCenter chooses one.
    #[tf(optional)]
    pub use_static_mac: Value<bool>,
    /// The MAC address, such as `00:50:56:01:02:03`; to be set with `use_static_mac` alone. Another one is given to the
    /// interface while the machine is off.
    #[tf(optional, computed, same = same_mac)]
    pub mac_address: Value<String>,
    /// The most bandwidth, in Mbit/s; -1 for no limit.
    #[tf(optional, default = -1, at_least = -1)]
    pub bandwidth_limit: Value<i64>,
    /// The bandwidth that is kept for the interface, in Mbit/s.
    #[tf(optional, default = 0, at_least = 0)]
    pub bandwidth_reservation: Value<i64>,
    /// The weight when bandwidth is short: `low`, `normal`, `high` or `custom`.
    #[tf(optional, default = "normal", one_of("low", "normal", "high", "custom"))]
    pub bandwidth_share_level: Value<String>,
    /// The number of shares, for the level `custom`.
    #[tf(optional, computed, at_least = 0, level = "bandwidth_share_level")]
    pub bandwidth_share_count: Value<i64>,
    /// The id of the physical function on the host, such as `0000:3b:00.0`, for the type `sriov`.
    #[tf(optional)]
    pub physical_function: Value<String>,
    /// The id of the port of an opaque network, for what manages it.
    #[tf(optional, computed)]
    pub external_port_id: Value<String>,
    /// The name of the network in the OVF package that this interface takes the place of. Used while the machine is made.
    #[tf(optional)]
    pub ovf_mapping: Value<String>,
    /// The key of the device in its machine.
    #[tf(computed)]
    pub key: Value<i64>,
    /// Where it hangs: bus, controller and unit, such as `pci:0:7`.
    #[tf(computed)]
    pub device_address: Value<String>,
}

/// Two spellings of one address.
fn same_mac(a: &Dynamic, b: &Dynamic) -> bool {
    let plain = |v: &Dynamic| v.as_str().map(super::convert::mac);
    plain(a).is_some() && plain(a) == plain(b)
}
