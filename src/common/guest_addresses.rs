//! The addresses of a guest: which there are, and which of them is the one to reach it at. Pure.
use ipnet::IpNet;
use std::net::IpAddr;
use vsphere_client::vim::types::{GuestNicInfo, GuestStackInfo};

/// What a guest can be reached at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestAddresses {
    /// The first address in the network of a default gateway; else the first. One of IPv4, if there is any.
    pub default: Option<String>,
    /// All of them: those of IPv4, then those of IPv6, each in the order of interfaces.
    pub all: Vec<String>,
}

/// The addresses that guest tools have reported. `known` is their primary address, for tools that report only that.
pub fn guest_addresses(
    nics: &[GuestNicInfo],
    stacks: &[GuestStackInfo],
    known: Option<&str>,
) -> GuestAddresses {
    let mut found: Vec<(IpAddr, u8, String)> = nics
        .iter()
        .filter_map(|nic| nic.ip_config.as_deref())
        .flat_map(|config| &config.ip_address)
        .filter_map(|a| {
            let length = u8::try_from(a.prefix_length).unwrap_or_default();
            Some((a.ip_address.parse().ok()?, length, a.ip_address.clone()))
        })
        .collect();
    if found.is_empty() {
        found.extend(known.and_then(|text| Some((text.parse().ok()?, 0, text.to_owned()))));
    }
    // Stable: each family keeps the order of interfaces.
    found.sort_by_key(|(address, ..)| address.is_ipv6());
    let gateways: Vec<IpAddr> = stacks
        .iter()
        .filter_map(|stack| stack.ip_route_config.as_deref())
        .flat_map(|config| &config.ip_route)
        .filter(|route| route.prefix_length == 0)
        .filter_map(|route| route.gateway.ip_address.as_deref()?.parse().ok())
        .collect();
    let routed = |(address, length, _): &&(IpAddr, u8, String)| {
        IpNet::new(*address, *length).is_ok_and(|network| gateways.iter().any(|g| network.contains(g)))
    };
    let family = found.first().map(|(address, ..)| address.is_ipv6());
    let default = found.iter().filter(|(a, ..)| Some(a.is_ipv6()) == family).find(routed).or(found.first());
    GuestAddresses {
        default: default.map(|(.., text)| text.clone()),
        all: found.iter().map(|(.., text)| text.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::{
        NetIpConfigInfo, NetIpConfigInfoIpAddress, NetIpRouteConfigInfo, NetIpRouteConfigInfoGateway,
        NetIpRouteConfigInfoIpRoute,
    };

    fn nic(addresses: &[(&str, i32)]) -> GuestNicInfo {
        let address = |(text, length): &(&str, i32)| NetIpConfigInfoIpAddress {
            ip_address: (*text).to_owned(),
            prefix_length: *length,
            ..Default::default()
        };
        let config =
            NetIpConfigInfo { ip_address: addresses.iter().map(address).collect(), ..Default::default() };
        GuestNicInfo { ip_config: Some(Box::new(config)), ..Default::default() }
    }

    fn stack(gateway: &str) -> GuestStackInfo {
        let route = NetIpRouteConfigInfoIpRoute {
            network: "0.0.0.0".to_owned(),
            prefix_length: 0,
            gateway: NetIpRouteConfigInfoGateway {
                ip_address: Some(gateway.to_owned()),
                ..Default::default()
            },
        };
        let routes = NetIpRouteConfigInfo { ip_route: vec![route] };
        GuestStackInfo { ip_route_config: Some(Box::new(routes)), ..Default::default() }
    }

    #[test]
    fn the_address_beside_the_gateway_comes_first() {
        let nics = [nic(&[("fe80::1", 64), ("172.17.0.1", 16)]), nic(&[("10.0.0.5", 24)])];
        let seen = guest_addresses(&nics, &[stack("10.0.0.1")], Some("172.17.0.1"));
        assert_eq!(seen.default.as_deref(), Some("10.0.0.5"));
        assert_eq!(seen.all, ["172.17.0.1", "10.0.0.5", "fe80::1"]);
        let seen = guest_addresses(&nics, &[], None);
        assert_eq!(seen.default.as_deref(), Some("172.17.0.1"));
    }

    #[test]
    fn old_tools_report_only_the_primary_address() {
        let seen = guest_addresses(&[], &[], Some("10.0.0.5"));
        assert_eq!(
            (seen.default.as_deref(), seen.all.as_slice()),
            (Some("10.0.0.5"), ["10.0.0.5".to_owned()].as_slice())
        );
        assert_eq!(guest_addresses(&[], &[], None), GuestAddresses::default());
        let seen = guest_addresses(&[nic(&[("2001:db8::5", 64)])], &[stack("2001:db8::1")], None);
        assert_eq!(seen.default.as_deref(), Some("2001:db8::5"));
    }
}
