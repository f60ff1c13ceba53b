//! `vsphere_vnic`
mod addresses;
use crate::common::moid::{Host, MoId};
use crate::fault::{Doing, or_absent};
use crate::network::common::host;
use crate::vsphere::Vsphere;
use std::collections::BTreeSet;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value, same,
};
use vsphere_client::FaultKind;
use vsphere_client::host_network::HostNetwork;
use vsphere_client::vim::types::{
    DistributedVirtualSwitchPortConnection, HostIpConfig, HostIpConfigIpV6Address,
    HostIpConfigIpV6AddressConfiguration, HostIpRouteConfig, HostVirtualNic, HostVirtualNicIpRouteSpec,
    HostVirtualNicSpec,
};

/// Manages a VMkernel adapter on a host.
///
/// A plan shows a warning if it changes or deletes the adapter that carries the management traffic of the host.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_vnic", category = "Networking")]
pub struct VnicModel {
    /// The managed object ID of the host and the name of the device, joined by an underscore: `host-10_vmk1`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the host, such as `host-10`.
    #[tf(required, force_new, form = MoId::<Host>::form)]
    pub host: Value<String>,
    /// The name of the port group on a standard switch. Conflicts with `distributed_switch_port`.
    #[tf(optional)]
    pub portgroup: Value<String>,
    /// The UUID of the distributed switch. Conflicts with `portgroup`.
    #[tf(optional)]
    pub distributed_switch_port: Value<String>,
    /// The key of the distributed port group, which is the `key` of a `vsphere_distributed_port_group` resource. Used
    /// only if `distributed_switch_port` is set.
    #[tf(optional)]
    pub distributed_port_group: Value<String>,
    /// The IPv4 configuration.
    #[tf(block, max = 1)]
    pub ipv4: Value<Vec<Ipv4>>,
    /// The IPv6 configuration.
    #[tf(block, max = 1)]
    pub ipv6: Value<Vec<Ipv6>>,
    /// The MAC address. If omitted, the host assigns one.
    #[tf(optional, computed, same = same::ignore_case)]
    pub mac: Value<String>,
    /// The maximum transmission unit (MTU), in bytes. Defaults to `1500`.
    #[tf(optional, computed)]
    pub mtu: Value<i64>,
    /// The TCP/IP stack: `defaultTcpipStack`, `vmotion` or `vSphereProvisioning`.
    #[tf(optional, force_new, default = DEFAULT_STACK)]
    pub netstack: Value<String>,
    /// The services to enable on the adapter: `management`, `vmotion` and `vsan`. If omitted, the services are not
    /// managed. Services of other types are never changed. Can be set only on the default TCP/IP stack.
    #[tf(optional, computed, each(one_of_in = SERVICES))]
    pub services: Value<BTreeSet<String>>,
}

/// The IPv4 configuration.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Ipv4 {
    /// Whether to obtain the address with DHCP.
    #[tf(optional)]
    pub dhcp: Value<bool>,
    /// The static IPv4 address. Requires `netmask`. Used only if `dhcp` is `false`.
    #[tf(optional)]
    pub ip: Value<String>,
    /// The netmask of the static address, such as `255.255.255.0`.
    #[tf(optional)]
    pub netmask: Value<String>,
    /// The default gateway of the adapter, which overrides the gateway of the TCP/IP stack.
    #[tf(optional)]
    pub gw: Value<String>,
}

/// The IPv6 configuration.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Ipv6 {
    /// Whether to obtain addresses with DHCPv6.
    #[tf(optional)]
    pub dhcp: Value<bool>,
    /// Whether to obtain addresses from router advertisements (SLAAC).
    #[tf(optional)]
    pub autoconfig: Value<bool>,
    /// The static IPv6 addresses with their prefix lengths, such as `fd00::10/64`.
    #[tf(optional, same = addresses::same)]
    pub addresses: Value<Vec<String>>,
    /// The default gateway of the adapter, which overrides the gateway of the TCP/IP stack.
    #[tf(optional, same = same::ignore_case)]
    pub gw: Value<String>,
}

const DEFAULT_STACK: &str = "defaultTcpipStack";
/// The services that the resource manages.
const SERVICES: &[&str] = &["vsan", "vmotion", "management"];

/// The resource.
#[derive(Debug, Default)]
pub struct Vnic;

type M = VnicModel;

fn one<T: Clone>(v: &Value<Vec<T>>) -> Option<T> {
    v.first().cloned()
}

fn set(v: &Value<String>) -> Option<String> {
    v.non_empty().cloned()
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!(
            "the VMkernel adapter {} of {}",
            self.device().unwrap_or("vmk"),
            MoId::<Host>::object(self.host.as_str())
        )
    }

    /// The device of the ID.
    fn device(&self) -> Option<&str> {
        self.id.known().and_then(|id| id.rsplit_once('_')).map(|(_, device)| device)
    }

    /// Where it is connected.
    fn place(&self) -> (Option<String>, Option<String>, Option<String>) {
        (set(&self.portgroup), set(&self.distributed_switch_port), set(&self.distributed_port_group))
    }

    fn gateways(&self) -> (Option<String>, Option<String>) {
        (one(&self.ipv4).and_then(|v| set(&v.gw)), one(&self.ipv6).and_then(|v| set(&v.gw)))
    }

    fn ip(&self, now: &[String]) -> HostIpConfig {
        let four = one(&self.ipv4).unwrap_or_default();
        let address = (set(&four.ip), set(&four.netmask));
        let (ip_address, subnet_mask) = match (four.dhcp.get(), address) {
            (false, (Some(ip), Some(mask))) => (Some(ip), Some(mask)),
            _ => (None, None),
        };
        // Without a block, the static IPv6 addresses are removed.
        let six = one(&self.ipv6).or_else(|| (!now.is_empty()).then(Ipv6::default));
        let ip_v6_config = six.map(|six| {
            let (add, remove) = addresses::changes(now, &six.addresses.get());
            let with = |operation: &'static str| {
                move |(address, prefix): (String, i32)| HostIpConfigIpV6Address {
                    ip_address: address,
                    prefix_length: prefix,
                    origin: Some("manual".to_owned()),
                    operation: Some(operation.to_owned()),
                    ..HostIpConfigIpV6Address::default()
                }
            };
            Box::new(HostIpConfigIpV6AddressConfiguration {
                auto_configuration_enabled: Some(six.autoconfig.get()),
                dhcp_v6_enabled: Some(six.dhcp.get()),
                ip_v6_address: (remove.into_iter().map(with("remove")))
                    .chain(add.into_iter().map(with("add")))
                    .collect(),
            })
        });
        HostIpConfig { dhcp: four.dhcp.get(), ip_address, subnet_mask, ip_v6_config }
    }

    /// The specification of what differs from `prior`; for a new adapter, of all that is set. `now` has the existing static
    /// IPv6 addresses.
    fn spec(&self, prior: Option<&Self>, now: &[String]) -> HostVirtualNicSpec {
        let place = prior.is_none_or(|p| p.place() != self.place());
        let ip = prior.is_none_or(|p| (&p.ipv4, &p.ipv6) != (&self.ipv4, &self.ipv6));
        let (gateway, gateway6) = self.gateways();
        let routed = match prior {
            None => gateway.is_some() || gateway6.is_some(),
            Some(p) => p.gateways() != self.gateways(),
        };
        HostVirtualNicSpec {
            ip: ip.then(|| Box::new(self.ip(now))),
            mac: set(&self.mac).filter(|_| prior.is_none_or(|p| p.mac != self.mac)),
            mtu: self
                .mtu
                .known()
                .filter(|_| prior.is_none_or(|p| p.mtu != self.mtu))
                .map(|n| i32::try_from(*n).unwrap_or_default()),
            portgroup: set(&self.portgroup).filter(|_| place),
            distributed_virtual_port: set(&self.distributed_switch_port).filter(|_| place).map(|uuid| {
                Box::new(DistributedVirtualSwitchPortConnection {
                    switch_uuid: uuid,
                    portgroup_key: set(&self.distributed_port_group),
                    ..DistributedVirtualSwitchPortConnection::default()
                })
            }),
            net_stack_instance_key: set(&self.netstack).filter(|_| prior.is_none()),
            ip_route_spec: routed.then(|| {
                let config = HostIpRouteConfig {
                    default_gateway: gateway,
                    ip_v6_default_gateway: gateway6,
                    ..HostIpRouteConfig::default()
                };
                Box::new(HostVirtualNicIpRouteSpec { ip_route_config: Some(Box::new(config)) })
            }),
            ..HostVirtualNicSpec::default()
        }
    }

    /// With what the host reports.
    fn observed(self, nic: &HostVirtualNic, services: Vec<String>) -> Self {
        let spec = &nic.spec;
        let port = spec.distributed_virtual_port.as_deref();
        let route = spec.ip_route_spec.as_deref().and_then(|r| r.ip_route_config.as_deref());
        let ip = spec.ip.as_deref().cloned().unwrap_or_default();
        let four = match (ip.dhcp, ip.ip_address.filter(|a| !a.is_empty())) {
            (true, _) => vec![Ipv4 { dhcp: true.into(), ..Ipv4::default() }],
            (false, Some(address)) => vec![Ipv4 {
                dhcp: false.into(),
                ip: address.into(),
                netmask: ip.subnet_mask.into(),
                gw: route.and_then(|r| r.default_gateway.clone()).into(),
            }],
            (false, None) => vec![],
        };
        let six = ip.ip_v6_config.map(|c| {
            let enabled = |v: Option<bool>| v.unwrap_or_default();
            Ipv6 {
                dhcp: enabled(c.dhcp_v6_enabled).into(),
                autoconfig: enabled(c.auto_configuration_enabled).into(),
                addresses: manual(&c.ip_v6_address).into(),
                gw: route.and_then(|r| r.ip_v6_default_gateway.clone()).into(),
            }
        });
        let used = |six: &Ipv6| six.dhcp.get() || six.autoconfig.get() || !six.addresses.get().is_empty();
        let services: BTreeSet<String> =
            services.into_iter().filter(|s| SERVICES.contains(&s.as_str())).collect();
        Self {
            portgroup: nic.portgroup.clone().into(),
            distributed_switch_port: port.map(|p| p.switch_uuid.clone()).into(),
            distributed_port_group: port.and_then(|p| p.portgroup_key.clone()).into(),
            ipv4: four.into(),
            ipv6: six.into_iter().filter(used).collect::<Vec<_>>().into(),
            mac: spec.mac.clone().into(),
            mtu: spec.mtu.map(i64::from).into(),
            netstack: spec.net_stack_instance_key.clone().into(),
            services: services.into(),
            ..self
        }
    }
}

/// The static addresses among all.
fn manual(all: &[HostIpConfigIpV6Address]) -> Vec<String> {
    let own = all.iter().filter(|a| a.origin.as_deref() == Some("manual"));
    own.map(|a| format!("{}/{}", a.ip_address, a.prefix_length)).collect()
}

/// The static IPv6 addresses of a device.
fn static_addresses(network: Option<&HostNetwork>, device: &str) -> Vec<String> {
    let six = network.and_then(|n| n.nic(device)).and_then(|n| n.spec.ip.as_ref()?.ip_v6_config.as_ref());
    six.map(|c| manual(&c.ip_v6_address)).unwrap_or_default()
}

impl Vnic {
    /// Enables and disables services, those that change only.
    async fn services(&self, cx: &Cx<'_, Self>, device: &str, was: &M, plan: &M) -> Result<()> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(plan.host.as_str()));
        let Some(wanted) = plan.services.known() else { return Ok(()) };
        let now = was.services.get();
        let off = now.difference(wanted).map(|s| (s, false));
        for (service, enable) in wanted.difference(&now).map(|s| (s, true)).chain(off) {
            let done = vsphere.api.host_networks().set_service(&on, device, service, enable).await;
            let verb = if enable { "enable" } else { "disable" };
            done.doing_to(format!("{verb} {service} on {}", plan.title()), |_| Some(M::SERVICES))?;
        }
        Ok(())
    }
}

impl Resource for Vnic {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object ID of the host and the device, such as host-10_vmk1, or by the inventory path of \
                                  the host and the device, such as /dc1/host/c1/esx1:vmk1";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        if set(&config.portgroup).is_some() && set(&config.distributed_switch_port).is_some() {
            let detail = "An adapter is either on a port group of a standard switch or on a distributed switch: remove \
                          `portgroup` or `distributed_switch_port`.";
            out.merge(Diagnostics::error(M::PORTGROUP, "Conflicting networks", detail));
        }
        let services = config.services.known().is_some_and(|s| !s.is_empty());
        if services && set(&config.netstack).is_some_and(|s| s != DEFAULT_STACK) {
            let detail = "Services are enabled on adapters of the default TCP/IP stack; the other stacks have their service by \
                          themselves. Remove `services` or `netstack`.";
            out.merge(Diagnostics::error(M::SERVICES, "Conflicting services", detail));
        }
        if let Some(four) = one(&config.ipv4)
            && set(&four.ip).is_some()
            && !four.netmask.is_unknown()
            && set(&four.netmask).is_none()
        {
            let detail =
                "Without `netmask`, the address is not configured. Add it, such as \"255.255.255.0\".";
            let at = AttributePath::from(M::IPV4).index(0).name(Ipv4::NETMASK.0);
            out.merge(Diagnostics::warning(at, "Missing netmask", detail));
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(vsphere) = cx.client else { return Ok(()) };
        let Some(prior) = cx.prior else {
            return host::there(vsphere, &planned.host, M::HOST).await;
        };
        let management = |m: &M| m.services.get().contains("management");
        let why = if cx.is_replacement() {
            "The plan deletes it before it creates another one."
        } else if planned.place() != prior.place() {
            "The plan connects it to another network."
        } else if planned.ipv4 != prior.ipv4 || planned.ipv6 != prior.ipv6 {
            "The plan changes its addresses."
        } else if management(prior) && !planned.services.is_unknown() && !management(planned) {
            "The plan disables management on it."
        } else {
            return Ok(());
        };
        let found = warning(vsphere, prior, why).await;
        cx.finish(found)
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        Ok(warning(vsphere, state, "The plan deletes it.").await)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(plan.host.as_str()));
        let spec = plan.spec(None, &[]);
        let made = vsphere.api.host_networks().add_nic(&on, plan.portgroup.as_str(), spec).await;
        let device = made.doing_to(format!("create {}", plan.title()), blame)?;
        let plan = M { id: format!("{}_{device}", on.id).into(), ..plan };
        let bare = M { services: BTreeSet::new().into(), ..plan.clone() };
        cx.checkpoint(&bare);
        self.services(cx, &device, &bare, &plan).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let Some(device) = state.device().map(str::to_owned) else { return Ok(None) };
        let Some(network) = host::network(cx.client(), state.host.as_str()).await? else { return Ok(None) };
        let Some(nic) = network.nic(&device) else { return Ok(None) };
        Ok(Some(state.observed(nic, network.services_of(&device))))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(plan.host.as_str()));
        let device = plan.device().unwrap_or_default().to_owned();
        let network = host::network(vsphere, &on.id).await?;
        let spec = plan.spec(Some(&prior), &static_addresses(network.as_deref(), &device));
        if spec != HostVirtualNicSpec::default() {
            let done = vsphere.api.host_networks().update_nic(&on, &device, spec).await;
            done.doing_to(format!("change {}", prior.title()), blame)?;
            cx.checkpoint(&M { services: prior.services.clone(), ..plan.clone() });
        }
        self.services(cx, &device, &prior, &plan).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(state.host.as_str()));
        let device = state.device().unwrap_or_default();
        let done = vsphere.api.host_networks().remove_nic(&on, device).await;
        or_absent(done).doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let with_colon = match id.rsplit_once('_') {
            Some((on, device)) if !id.starts_with('/') => format!("{on}:{device}"),
            _ => id.to_owned(),
        };
        let (on, device) = host::imported(cx.client(), "", &with_colon).await?;
        Ok(M { id: format!("{on}_{device}").into(), host: on.into(), ..M::default() })
    }
}

/// Warns where the adapter is one that the host is managed by.
async fn warning(vsphere: &Vsphere, nic: &M, why: &str) -> Diagnostics {
    let device = nic.device().unwrap_or_default();
    let what = "the configuration of this adapter";
    let is = |n: &vsphere_client::host_network::ManagementNic| n.device == device;
    host::management_warning(vsphere, nic.host.as_str(), AttributePath::root(), what, why, is).await
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::NotFound => Some(M::PORTGROUP),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::HOST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four(ip: &str) -> Value<Vec<Ipv4>> {
        let address =
            Ipv4 { dhcp: false.into(), ip: ip.into(), netmask: "255.255.255.0".into(), ..Ipv4::default() };
        vec![address].into()
    }

    fn asked() -> M {
        let six = Ipv6 {
            dhcp: false.into(),
            autoconfig: false.into(),
            addresses: vec!["fd00::1/64".to_owned()].into(),
            ..Ipv6::default()
        };
        M {
            id: "host-1_vmk1".into(),
            host: "host-1".into(),
            portgroup: "web".into(),
            ipv4: four("10.0.0.5"),
            ipv6: vec![six].into(),
            mac: "00:50:56:00:00:01".into(),
            mtu: 9000.into(),
            netstack: DEFAULT_STACK.into(),
            services: BTreeSet::from(["vmotion".to_owned()]).into(),
            ..M::default()
        }
    }

    #[test]
    fn adapter_is_read_as_it_was_written() {
        let spec = asked().spec(None, &[]);
        let nic = HostVirtualNic { portgroup: "web".into(), spec, ..HostVirtualNic::default() };
        // A service that the resource does not manage is not a difference.
        let services = vec!["vmotion".to_owned(), "vSphereProvisioning".to_owned()];
        assert_eq!(asked().observed(&nic, services), asked());
    }

    #[test]
    fn only_what_changes_is_sent() {
        assert_eq!(asked().spec(Some(&asked()), &[]), HostVirtualNicSpec::default());
        let wanted = M { mtu: 1500.into(), ..asked() };
        let spec = wanted.spec(Some(&asked()), &[]);
        assert_eq!((spec.mtu, spec.mac, spec.portgroup, spec.ip), (Some(1500), None, None, None));
        let moved = M { portgroup: Value::Null, distributed_switch_port: "uuid".into(), ..asked() };
        let spec = moved.spec(Some(&asked()), &[]);
        assert!(spec.portgroup.is_none() && spec.distributed_virtual_port.is_some());
        let bare = M { ipv6: Value::Null, ..asked() };
        let ip = bare.spec(Some(&asked()), &["fd00::1/64".to_owned()]).ip.unwrap();
        assert_eq!(ip.ip_v6_config.unwrap().ip_v6_address[0].operation.as_deref(), Some("remove"));
    }

    #[test]
    fn networks_and_services_that_exclude_each_other_are_rejected() {
        let at = |m: &M| Vnic.validate(m).0.into_iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
        assert_eq!(at(&asked()), [""; 0]);
        assert_eq!(at(&M { distributed_switch_port: "uuid".into(), ..asked() }), ["portgroup"]);
        assert_eq!(at(&M { netstack: "vmotion".into(), ..asked() }), ["services"]);
        let bare = Ipv4 { ip: "10.0.0.1".into(), ..Ipv4::default() };
        assert_eq!(at(&M { ipv4: vec![bare].into(), ..asked() }), ["ipv4[0].netmask"]);
    }
}
