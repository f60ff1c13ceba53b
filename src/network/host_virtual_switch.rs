//! `vsphere_host_virtual_switch`
use crate::common::moid::{Host, MoId};
use crate::fault::{Doing, or_absent, or_import};
use crate::network::common::host::{self, FAILBACK_IS_TRUE, policy_of_model};
use crate::network::common::host_policy::strangers;
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value, same,
};
use vsphere_client::FaultKind;
use vsphere_client::vim::types::{
    HostVirtualSwitch as Switch, HostVirtualSwitchBeaconConfig, HostVirtualSwitchBondBridge,
    HostVirtualSwitchBridgeKind, HostVirtualSwitchSpec, LinkDiscoveryProtocolConfig,
};

/// Manages a standard switch on a host.
///
/// A plan shows a warning if it removes physical adapters from the switch of the management network of the host, or if
/// it deletes that switch.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host_virtual_switch", category = "Networking")]
pub struct HostVirtualSwitchModel {
    /// The ID, such as `tf-HostVirtualSwitch:host-10:vSwitch1`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the switch.
    #[tf(required, force_new)]
    pub name: Value<String>,
    /// The managed object ID of the host, such as `host-10`.
    #[tf(required, force_new, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// The maximum transmission unit (MTU), in bytes.
    #[tf(optional, default = 1500, range(1, 9000))]
    pub mtu: Value<i64>,
    /// The number of ports. ESXi 5.5 and later scale the number of ports dynamically and ignore this value.
    #[tf(optional, default = 128, range(0, 1024))]
    pub number_of_ports: Value<i64>,
    /// The physical adapters of the switch, such as `vmnic1`, in any order. Set to an empty list for a switch without a
    /// connection to the physical network.
    #[tf(required, same = same::unordered)]
    pub network_adapters: Value<Vec<String>>,
    /// The interval between beacon probes, in seconds.
    #[tf(optional, default = 1, at_least = 0)]
    pub beacon_interval: Value<i64>,
    /// The discovery protocol operation: `listen`, `advertise`, `both` or `none`.
    #[tf(optional, default = "listen", one_of("none", "listen", "advertise", "both"))]
    pub link_discovery_operation: Value<String>,
    /// The discovery protocol: `cdp` (Cisco Discovery Protocol) or `lldp` (Link Layer Discovery Protocol).
    #[tf(optional, default = "cdp", one_of("cdp", "lldp"))]
    pub link_discovery_protocol: Value<String>,
    /// The names of the active physical adapters, in order of preference. Each must be listed in `network_adapters`.
    #[tf(required)]
    pub active_nics: Value<Vec<String>>,
    /// The names of the standby physical adapters, which replace failed active adapters, in order of preference. Each
    /// must be listed in `network_adapters`.
    #[tf(optional)]
    pub standby_nics: Value<Vec<String>>,
    /// The load balancing policy for the physical adapters: `loadbalance_srcid` (originating virtual port),
    /// `loadbalance_srcmac` (source MAC hash), `loadbalance_ip` (IP hash) or `failover_explicit` (explicit failover
    /// order).
    #[tf(optional, default = "loadbalance_srcid", one_of_in = host::TEAMING)]
    pub teaming_policy: Value<String>,
    /// Whether to use beacon probing, in addition to the link status, to detect failures.
    #[tf(optional, default = false)]
    pub check_beacon: Value<bool>,
    /// Whether to notify physical switches of a failover.
    #[tf(optional, default = true)]
    pub notify_switches: Value<bool>,
    /// Whether a physical adapter becomes active again after it recovers from a failure. Defaults to `true`. The
    /// official provider records the inverse of this setting in its state and always enables failback. After a switch
    /// from the official provider, the state contains that inverse value until `failback` is set to `true` or the
    /// switch is changed.
    #[tf(optional, computed)]
    pub failback: Value<bool>,
    /// Whether to allow promiscuous mode, in which a virtual machine receives all traffic on the switch.
    #[tf(optional, default = false)]
    pub allow_promiscuous: Value<bool>,
    /// Whether to allow outbound frames with a source MAC address that differs from that of the network interface.
    #[tf(optional, default = true)]
    pub allow_forged_transmits: Value<bool>,
    /// Whether to allow guests to change the MAC address of a network interface.
    #[tf(optional, default = true)]
    pub allow_mac_changes: Value<bool>,
    /// Whether to enable traffic shaping for outbound traffic.
    #[tf(optional, default = false)]
    pub shaping_enabled: Value<bool>,
    /// The average bandwidth, in bits per second. Used only if `shaping_enabled` is `true`.
    #[tf(optional)]
    pub shaping_average_bandwidth: Value<i64>,
    /// The maximum burst size, in bytes. Used only if `shaping_enabled` is `true`.
    #[tf(optional)]
    pub shaping_burst_size: Value<i64>,
    /// The peak bandwidth, in bits per second. Used only if `shaping_enabled` is `true`.
    #[tf(optional)]
    pub shaping_peak_bandwidth: Value<i64>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct HostVirtualSwitch;

type M = HostVirtualSwitchModel;

policy_of_model!(M);

const PREFIX: &str = "tf-HostVirtualSwitch";

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!(
            "the switch {:?} of {}",
            self.name.as_str(),
            MoId::<Host>::object(self.host_system_id.as_str())
        )
    }

    /// The specification for the API. `base` is the existing one, whose other properties stay.
    fn spec(&self, base: HostVirtualSwitchSpec) -> HostVirtualSwitchSpec {
        let number = |v: &Value<i64>| i32::try_from(v.get()).unwrap_or_default();
        let adapters = self.network_adapters.get();
        // A bridge without adapters is not valid.
        let bridge = (!adapters.is_empty()).then(|| {
            Box::new(HostVirtualSwitchBridgeKind::from(HostVirtualSwitchBondBridge {
                nic_device: adapters,
                beacon: Some(Box::new(HostVirtualSwitchBeaconConfig {
                    interval: number(&self.beacon_interval),
                })),
                link_discovery_protocol_config: Some(Box::new(LinkDiscoveryProtocolConfig {
                    protocol: self.link_discovery_protocol.get(),
                    operation: self.link_discovery_operation.get(),
                })),
                ..HostVirtualSwitchBondBridge::default()
            }))
        });
        let mut policy = self.policy();
        // A switch has nothing to inherit it from.
        policy.failback = policy.failback.or(Some(true));
        HostVirtualSwitchSpec {
            num_ports: number(&self.number_of_ports),
            mtu: Some(number(&self.mtu)),
            bridge,
            policy: Some(Box::new(policy.write(base.policy.map(|p| *p).unwrap_or_default()))),
        }
    }

    /// With what the host reports.
    fn observed(self, switch: &Switch) -> Self {
        let bond = match switch.spec.bridge.as_deref() {
            Some(HostVirtualSwitchBridgeKind::HostVirtualSwitchBondBridge(bond)) => Some(bond),
            _ => None,
        };
        let policy = switch.spec.policy.as_deref().map(super::common::host_policy::HostPolicy::read);
        let this = self.with_policy(policy.unwrap_or_default());
        let discovery = bond.and_then(|b| b.link_discovery_protocol_config.as_deref());
        // A switch without adapters has neither beacons nor discovery: then the state has what was configured.
        let or = |seen: Option<String>, was: Value<String>| seen.map_or(was, Value::from);
        Self {
            // The specification of a switch that was made on the host itself has no MTU.
            mtu: switch.mtu.or(switch.spec.mtu).map(i64::from).into(),
            number_of_ports: i64::from(switch.spec.num_ports).into(),
            network_adapters: bond.map(|b| b.nic_device.clone()).unwrap_or_default().into(),
            active_nics: this.active_nics.get().into(),
            beacon_interval: bond
                .and_then(|b| b.beacon.as_ref())
                .map_or(this.beacon_interval, |b| i64::from(b.interval).into()),
            link_discovery_operation: or(
                discovery.map(|d| d.operation.clone()),
                this.link_discovery_operation,
            ),
            link_discovery_protocol: or(discovery.map(|d| d.protocol.clone()), this.link_discovery_protocol),
            ..this
        }
    }
}

impl Resource for HostVirtualSwitch {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object ID or the inventory path of the host and the name of the switch, such as \
                                  tf-HostVirtualSwitch:host-10:vSwitch1 or /dc1/host/c1/esx1:vSwitch1";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let Some(adapters) = config.network_adapters.known() else { return out };
        for (at, team) in [(M::ACTIVE_NICS, &config.active_nics), (M::STANDBY_NICS, &config.standby_nics)] {
            let team = team.get();
            for nic in strangers(&team, adapters) {
                let detail = format!(
                    "{nic:?} is not in `network_adapters`. A switch can only use adapters that belong to it: add it to \
                     `network_adapters`, or remove it from `{}`.",
                    at.0
                );
                out.merge(Diagnostics::error(at, format!("Invalid value for `{}`", at.0), detail));
            }
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(vsphere) = cx.client else { return Ok(()) };
        let Some(prior) = cx.prior else {
            return host::there(vsphere, &planned.host_system_id, M::HOST_SYSTEM_ID).await;
        };
        host::failback_warning(cx, M::FAILBACK, &cx.config.failback, &prior.failback);
        let (why, at) = if cx.is_replacement() {
            ("The plan deletes this switch before it creates another one.".to_owned(), AttributePath::root())
        } else {
            let team = |m: &M| [m.active_nics.get(), m.standby_nics.get()].concat();
            let (now, wanted) = (team(prior), team(planned));
            let known = !planned.active_nics.is_unknown() && !planned.standby_nics.is_unknown();
            let lost: Vec<String> = now.into_iter().filter(|n| !wanted.contains(n)).collect();
            if !known || lost.is_empty() {
                return Ok(());
            }
            let why = format!("The plan stops using {} on this switch.", lost.join(", "));
            (why, M::ACTIVE_NICS.into())
        };
        let found = deleted_or_cut(vsphere, prior, at, &why).await;
        cx.finish(found)
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        Ok(deleted_or_cut(vsphere, state, AttributePath::root(), "The plan deletes this switch.").await)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(plan.host_system_id.as_str()));
        let spec = plan.spec(HostVirtualSwitchSpec::default());
        let made = vsphere.api.host_networks().add_switch(&on, plan.name.as_str(), spec).await;
        let id = host::id(PREFIX, &on.id, plan.name.as_str());
        or_import(made.doing_to(format!("create {}", plan.title()), blame), &id)?;
        cx.set_private(FAILBACK_IS_TRUE, true.into());
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let Some(network) = host::network(cx.client(), state.host_system_id.as_str()).await? else {
            return Ok(None);
        };
        let Some(switch) = network.switch(state.name.as_str()) else { return Ok(None) };
        let id = host::id(PREFIX, state.host_system_id.as_str(), state.name.as_str());
        let mut seen = M { id: id.into(), ..state }.observed(switch);
        if cx.private(FAILBACK_IS_TRUE).is_none() {
            let policy = seen.policy().with_inverted_failback();
            seen = seen.with_policy(policy);
        }
        Ok(Some(seen))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(plan.host_system_id.as_str()));
        let network = host::network(vsphere, &on.id).await?;
        let base = network.and_then(|n| n.switch(plan.name.as_str()).map(|s| s.spec.clone()));
        let failback = host::sent_failback(cx, |c| &c.failback, &plan.failback);
        let spec = M { failback, ..plan.clone() }.spec(base.unwrap_or_default());
        let done = vsphere.api.host_networks().update_switch(&on, plan.name.as_str(), spec).await;
        done.doing_to(format!("change {}", prior.title()), blame)?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(state.host_system_id.as_str()));
        let done = vsphere.api.host_networks().remove_switch(&on, state.name.as_str()).await;
        or_absent(done).doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let (on, name) = host::imported(cx.client(), PREFIX, id).await?;
        cx.set_private(FAILBACK_IS_TRUE, true.into());
        let id = host::id(PREFIX, &on, &name);
        let mut m = M { id: id.into(), host_system_id: on.into(), name: name.into(), ..M::default() };
        // The host does not report the beacons and the discovery of a switch without adapters.
        m.set_defaults(&M::block());
        Ok(m)
    }
}

/// Warns where a plan affects the management network of the host.
async fn deleted_or_cut(vsphere: &Vsphere, switch: &M, at: AttributePath, why: &str) -> Diagnostics {
    let name = switch.name.as_str();
    let what = format!("the switch {name:?}");
    let on = |n: &vsphere_client::host_network::ManagementNic| n.switch.as_deref() == Some(name);
    host::management_warning(vsphere, switch.host_system_id.as_str(), at, &what, why, on).await
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::AlreadyExists { .. } => Some(M::NAME),
        FaultKind::ResourceInUse { .. } => Some(M::NETWORK_ADAPTERS),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::HOST_SYSTEM_ID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(x: &[&str]) -> Value<Vec<String>> {
        x.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().into()
    }

    fn asked() -> M {
        let mut m = M {
            name: "vSwitch1".into(),
            host_system_id: "host-10".into(),
            network_adapters: names(&["vmnic1", "vmnic2"]),
            active_nics: names(&["vmnic1"]),
            standby_nics: names(&["vmnic2"]),
            failback: false.into(),
            ..M::default()
        };
        m.set_defaults(&M::block());
        m
    }

    fn seen(m: &M, spec: HostVirtualSwitchSpec) -> M {
        m.clone().observed(&Switch { mtu: spec.mtu, spec, ..Switch::default() })
    }

    #[test]
    fn switch_is_read_as_it_was_written() {
        let asked = asked();
        let spec = asked.spec(HostVirtualSwitchSpec::default());
        assert_eq!(seen(&asked, spec), asked);
    }

    #[test]
    fn switch_without_adapters_has_no_bridge() {
        let asked = M { network_adapters: names(&[]), active_nics: names(&[]), ..asked() };
        let asked = M { standby_nics: Value::Null, link_discovery_protocol: "lldp".into(), ..asked };
        let spec = asked.spec(HostVirtualSwitchSpec::default());
        assert!(spec.bridge.is_none());
        assert_eq!(seen(&asked, spec), asked);
    }

    #[test]
    fn failback_is_enabled_unless_it_is_set() {
        let rolling = |failback: Value<bool>| {
            let spec = M { failback, ..asked() }.spec(HostVirtualSwitchSpec::default());
            spec.policy.and_then(|p| p.nic_teaming).and_then(|t| t.rolling_order)
        };
        assert_eq!(rolling(Value::Null), Some(false));
        assert_eq!(rolling(true.into()), Some(false));
        assert_eq!(rolling(false.into()), Some(true));
    }

    #[test]
    fn adapters_of_the_team_belong_to_the_switch() {
        let at =
            |m: &M| HostVirtualSwitch.validate(m).0.into_iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
        assert_eq!(at(&asked()), [""; 0]);
        assert_eq!(at(&M { standby_nics: names(&["vmnic9"]), ..asked() }), ["standby_nics"]);
        assert_eq!(at(&M { active_nics: names(&["vmnic9"]), ..asked() }), ["active_nics"]);
        assert_eq!(at(&M { network_adapters: Value::Unknown, ..asked() }), [""; 0]);
    }
}
