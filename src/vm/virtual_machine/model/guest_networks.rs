//! What the guest reports of its network.
use tf_framework::{Model, Value};

/// The network configuration of the guest on one network interface.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct GuestNetworkModel {
    /// The `name` of the `network_interface` block.
    #[tf(computed)]
    pub name: Value<String>,
    /// The device key of the network interface.
    #[tf(computed)]
    pub key: Value<i64>,
    /// The MAC address.
    #[tf(computed)]
    pub mac_address: Value<String>,
    /// Whether the network interface is connected.
    #[tf(computed)]
    pub connected: Value<bool>,
    /// The name of the network.
    #[tf(computed)]
    pub network: Value<String>,
    /// The IP addresses.
    #[tf(computed)]
    pub addresses: Value<Vec<GuestAddressModel>>,
    /// Whether the network interface uses DHCP for IPv4.
    #[tf(computed)]
    pub dhcp4: Value<bool>,
    /// Whether the network interface uses DHCP for IPv6.
    #[tf(computed)]
    pub dhcp6: Value<bool>,
    /// The host name.
    #[tf(computed)]
    pub host_name: Value<String>,
    /// The DNS domain.
    #[tf(computed)]
    pub domain: Value<String>,
    /// The IP addresses of the DNS servers.
    #[tf(computed)]
    pub dns_servers: Value<Vec<String>>,
    /// The DNS search domains.
    #[tf(computed)]
    pub search_domains: Value<Vec<String>>,
    /// The routes through a gateway.
    #[tf(computed)]
    pub routes: Value<Vec<GuestRouteModel>>,
}

/// An IP address of the guest.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct GuestAddressModel {
    /// The IP address.
    #[tf(computed)]
    pub address: Value<String>,
    /// The prefix length of the network.
    #[tf(computed)]
    pub prefix_length: Value<i64>,
    /// How the address was configured: `manual`, `dhcp`, `linklayer`, `random` or `other`.
    #[tf(computed)]
    pub origin: Value<String>,
}

/// A route of the guest.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct GuestRouteModel {
    /// The network, such as `0.0.0.0/0` for the default route.
    #[tf(computed)]
    pub destination: Value<String>,
    /// The IP address of the gateway.
    #[tf(computed)]
    pub gateway: Value<String>,
}
