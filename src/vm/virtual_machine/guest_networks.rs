//! What the guest reports of its network.
use super::model::{GuestAddressModel, GuestNetworkModel, GuestRouteModel, VirtualMachineModel as M};
use std::net::IpAddr;
use tf_framework::Value;
use vsphere_client::vim::types::{
    GuestNicInfo, GuestStackInfo, NetDnsConfigInfo, NetIpConfigInfo, NetIpConfigInfoIpAddress,
};
use vsphere_client::virtual_machine::{AddressFilter, VirtualMachine as Machine};

fn text(v: Option<&str>) -> Value<String> {
    v.filter(|t| !t.is_empty()).map(str::to_owned).into()
}

fn config(nic: &GuestNicInfo) -> Option<&NetIpConfigInfo> {
    nic.ip_config.as_deref()
}

/// Whether an address family is configured by DHCP: as the guest reports it, or by the origin of the addresses. Nothing if
/// neither is reported.
fn dhcp(nic: &GuestNicInfo, v4: bool) -> Value<bool> {
    let Some(config) = config(nic) else { return Value::Null };
    if let Some(dhcp) = config.dhcp.as_deref() {
        let options = if v4 { dhcp.ipv4.as_deref() } else { dhcp.ipv6.as_deref() };
        return options.is_some_and(|o| o.enable).into();
    }
    let family = config.ip_address.iter().filter(|a| a.ip_address.contains(':') != v4);
    let origins: Vec<&str> = family.filter_map(|a| a.origin.as_deref()).collect();
    if origins.is_empty() { Value::Null } else { origins.contains(&"dhcp").into() }
}

fn addresses(nic: &GuestNicInfo, filter: &AddressFilter) -> Vec<GuestAddressModel> {
    let of = |text: &str| text.split('%').next()?.parse::<IpAddr>().ok();
    let known = |address: &IpAddr| -> Option<&NetIpConfigInfoIpAddress> {
        config(nic)?.ip_address.iter().find(|a| of(&a.ip_address).as_ref() == Some(address))
    };
    let listed = nic.ip_address.iter().filter_map(|text| of(text));
    let counting = listed.filter(|address| !filter.ignores(address));
    let model = |address: IpAddr| {
        let details = known(&address);
        GuestAddressModel {
            address: address.to_string().into(),
            prefix_length: details.map(|d| i64::from(d.prefix_length)).into(),
            origin: text(details.and_then(|d| d.origin.as_deref())),
        }
    };
    counting.map(model).collect()
}

/// The routes of the interface at a place in the list of the guest, by which a route refers to it.
fn routes(stacks: &[GuestStackInfo], place: usize) -> Vec<GuestRouteModel> {
    let place = place.to_string();
    let all = stacks.iter().filter_map(|s| s.ip_route_config.as_deref()).flat_map(|c| &c.ip_route);
    let own = all.filter(|r| r.gateway.device.as_deref() == Some(place.as_str()));
    let model = |(network, length, gateway): (&str, i32, &str)| GuestRouteModel {
        destination: format!("{network}/{length}").into(),
        gateway: gateway.into(),
    };
    own.filter_map(|r| {
        let gateway = r.gateway.ip_address.as_deref().filter(|g| !g.is_empty())?;
        Some(model((&r.network, r.prefix_length, gateway)))
    })
    .collect()
}

/// Returns what the guest reports of the network interfaces of a virtual machine, by device key; interfaces that exist only
/// in the guest, such as those of containers, are left out. `state` has the names, and the addresses to ignore.
pub(super) fn observed(vm: &Machine, state: &M) -> Value<Vec<GuestNetworkModel>> {
    let filter = AddressFilter::new(state.ignored_guest_ips.get()).unwrap_or_default();
    // A guest that has the same settings for all interfaces reports them once.
    let of_all = vm.ip_stacks.iter().find_map(|s| s.dns_config.as_deref());
    let name = |key: i32| {
        let blocks = state.network_interface.known().into_iter().flatten();
        let mut named = blocks.filter(|b| b.key.known() == Some(&i64::from(key)));
        named.next().and_then(|b| b.name.non_empty().cloned())
    };
    let model = |(place, nic): (usize, &GuestNicInfo)| {
        let dns: Option<&NetDnsConfigInfo> = nic.dns_config.as_deref();
        let list = |of: fn(&NetDnsConfigInfo) -> &Vec<String>| {
            let own = dns.map(of).filter(|l| !l.is_empty());
            own.or_else(|| of_all.map(of)).cloned().unwrap_or_default()
        };
        let one = |of: fn(&NetDnsConfigInfo) -> &String| {
            let own = dns.map(of).filter(|t| !t.is_empty());
            text(own.or_else(|| of_all.map(of)).map(String::as_str))
        };
        GuestNetworkModel {
            name: name(nic.device_config_id).into(),
            key: i64::from(nic.device_config_id).into(),
            mac_address: text(nic.mac_address.as_deref()),
            connected: nic.connected.into(),
            network: text(nic.network.as_deref()),
            addresses: addresses(nic, &filter).into(),
            dhcp4: dhcp(nic, true),
            dhcp6: dhcp(nic, false),
            host_name: one(|d| &d.host_name),
            domain: one(|d| &d.domain_name),
            dns_servers: list(|d| &d.ip_address).into(),
            search_domains: list(|d| &d.search_domain).into(),
            routes: routes(&vm.ip_stacks, place).into(),
        }
    };
    let mut all: Vec<(i32, GuestNetworkModel)> = (vm.guest_nics.iter().enumerate())
        .filter(|(_, nic)| nic.device_config_id >= 0)
        .map(|(place, nic)| (nic.device_config_id, model((place, nic))))
        .collect();
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, model)| model).collect::<Vec<_>>().into()
}

/// Completes the plan of an update: other network interfaces have another network configuration. As with
/// `guest_ip_addresses`, all else is seen by the next refresh, so that a plan does not make it unknown. Pure.
pub(super) fn plan(prior: &M, planned: &mut M) {
    if prior.network_interface != planned.network_interface {
        planned.guest_networks = Value::Unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::NicModel;
    use super::*;
    use vsphere_client::vim::types::{
        NetDhcpConfigInfo, NetDhcpConfigInfoDhcpOptions, NetIpRouteConfigInfo, NetIpRouteConfigInfoGateway,
        NetIpRouteConfigInfoIpRoute,
    };

    fn nic(key: i32, addresses: &[(&str, i32, Option<&str>)]) -> GuestNicInfo {
        let ip = |(a, n, origin): &(&str, i32, Option<&str>)| NetIpConfigInfoIpAddress {
            ip_address: (*a).to_owned(),
            prefix_length: *n,
            origin: origin.map(str::to_owned),
            ..Default::default()
        };
        GuestNicInfo {
            network: Some("VM Network".to_owned()),
            mac_address: Some(format!("00:50:56:00:00:{key:02x}")),
            connected: true,
            device_config_id: key,
            ip_address: addresses.iter().map(|(a, ..)| (*a).to_owned()).collect(),
            ip_config: Some(Box::new(NetIpConfigInfo {
                ip_address: addresses.iter().map(ip).collect(),
                ..Default::default()
            })),
            ..Default::default()
        }
    }

    fn route(network: &str, length: i32, gateway: Option<&str>, device: &str) -> NetIpRouteConfigInfoIpRoute {
        let gateway = NetIpRouteConfigInfoGateway {
            ip_address: gateway.map(str::to_owned),
            device: Some(device.to_owned()),
        };
        NetIpRouteConfigInfoIpRoute { network: network.to_owned(), prefix_length: length, gateway }
    }

    fn machine() -> Machine {
        let dns = |host: &str, servers: &[&str]| NetDnsConfigInfo {
            host_name: host.to_owned(),
            domain_name: "example.com".to_owned(),
            ip_address: servers.iter().map(|s| (*s).to_owned()).collect(),
            ..Default::default()
        };
        let stack = GuestStackInfo {
            dns_config: Some(Box::new(dns("web", &["10.0.0.2"]))),
            ip_route_config: Some(Box::new(NetIpRouteConfigInfo {
                ip_route: vec![
                    route("0.0.0.0", 0, Some("10.0.0.1"), "1"),
                    route("10.0.0.0", 24, None, "1"),
                    route("10.9.0.0", 16, Some("172.17.0.1"), "0"),
                    route("10.1.0.0", 16, Some("fe80::1"), "2"),
                ],
            })),
            ..Default::default()
        };
        let container = GuestNicInfo { device_config_id: -1, ..nic(1, &[("172.17.0.5", 16, None)]) };
        let mut fixed = nic(9, &[("10.0.1.5", 25, None), ("fd00::5", 64, None)]);
        fixed.dns_config = Some(Box::new(dns("", &["10.0.1.2"])));
        fixed.ip_config.as_mut().unwrap().dhcp = Some(Box::new(NetDhcpConfigInfo {
            ipv6: Some(Box::new(NetDhcpConfigInfoDhcpOptions { enable: true, ..Default::default() })),
            ..Default::default()
        }));
        Machine {
            guest_nics: vec![
                container,
                nic(8, &[("10.0.0.5", 24, Some("dhcp")), ("fe80::5", 64, Some("linklayer"))]),
                fixed,
            ],
            ip_stacks: vec![stack],
            ..Default::default()
        }
    }

    #[test]
    fn networks_of_devices_are_listed_with_their_routes_and_dns() {
        let block = NicModel { name: "eth0".into(), key: 8.into(), ..Default::default() };
        let state = M { network_interface: vec![block].into(), ..M::default() };
        let all = observed(&machine(), &state).get();
        let names: Vec<_> = all.iter().map(|n| (n.name.as_str(), n.key.get())).collect();
        assert_eq!(names, [("eth0", 8), ("", 9)]);
        let address = |address: &str, length: i64, origin: Option<&str>| GuestAddressModel {
            address: address.into(),
            prefix_length: length.into(),
            origin: origin.map(str::to_owned).into(),
        };
        assert_eq!(all[0].addresses.get(), [address("10.0.0.5", 24, Some("dhcp"))]);
        assert_eq!(all[1].addresses.get(), [address("10.0.1.5", 25, None), address("fd00::5", 64, None)]);
        let by_dhcp: Vec<_> = all.iter().map(|n| (n.dhcp4, n.dhcp6)).collect();
        assert_eq!(by_dhcp, [(true.into(), false.into()), (false.into(), true.into())]);
        let dns: Vec<_> = all.iter().map(|n| (n.host_name.as_str(), n.dns_servers.get())).collect();
        assert_eq!(
            dns,
            [("web", vec!["10.0.0.2".to_owned()]), ("web", vec!["10.0.1.2".to_owned()])],
            "an interface without a host name has that of the guest"
        );
        let gateways: Vec<Vec<_>> = (all.iter())
            .map(|n| n.routes.get().iter().map(|r| (r.destination.get(), r.gateway.get())).collect())
            .collect();
        let to = |d: &str, g: &str| vec![(d.to_owned(), g.to_owned())];
        assert_eq!(gateways, [to("0.0.0.0/0", "10.0.0.1"), to("10.1.0.0/16", "fe80::1")]);
    }

    #[test]
    fn what_is_ignored_or_not_reported_is_left_out() {
        let state = M { ignored_guest_ips: vec!["10.0.1.0/24".to_owned()].into(), ..M::default() };
        let all = observed(&machine(), &state).get();
        let addresses: Vec<_> = all[1].addresses.get().iter().map(|a| a.address.get()).collect();
        assert_eq!(addresses, ["fd00::5"]);
        assert_eq!(observed(&Machine::default(), &state), Value::Known(vec![]));
        let bare = Machine {
            guest_nics: vec![GuestNicInfo { ip_config: None, ..nic(4000, &[("10.0.0.5", 24, None)]) }],
            ..Default::default()
        };
        let [only] = observed(&bare, &M::default()).get().try_into().unwrap();
        let only: GuestNetworkModel = only;
        assert!(only.dhcp4.is_null() && only.host_name.is_null());
        assert!(only.addresses.get()[0].prefix_length.is_null());
    }

    #[test]
    fn only_other_interfaces_make_the_networks_unknown() {
        let nics = |name: &str| vec![NicModel { name: name.into(), ..Default::default() }];
        let prior =
            M { network_interface: nics("eth0").into(), guest_networks: vec![].into(), ..M::default() };
        let mut same = M { annotation: "x".into(), ..prior.clone() };
        plan(&prior, &mut same);
        assert!(!same.guest_networks.is_unknown());
        let mut renamed = M { network_interface: nics("eth1").into(), ..prior.clone() };
        plan(&prior, &mut renamed);
        assert!(renamed.guest_networks.is_unknown());
    }
}
