//! `vsphere_distributed_virtual_switch`
pub mod data_source;
pub mod hosts;
pub mod lags;
use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::moid::{Datacenter, Host, MoId};
use crate::common::{entity, folders, lookup, names, resolve};
use crate::fault::{Doing, or_absent};
use crate::network::common::host;
use crate::network::common::port_policy::PortPolicy;
use crate::network::common::switch;
use crate::network::common::traffic::TrafficClasses;
use crate::vsphere::Vsphere;
use hosts::{Change, Member, Pvlan};
use lags::Lag;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
    same,
};
use vsphere_client::datacenter::Area;
use vsphere_client::vim::types::{
    DVSConfigSpec, DVSContactInfo, DVSNameArrayUplinkPortPolicy, DVSUplinkPortPolicyKind,
    DistributedVirtualSwitchHostMember, DistributedVirtualSwitchHostMemberBackingKind,
    DistributedVirtualSwitchHostMemberConfigSpec, DistributedVirtualSwitchHostMemberPnicBacking,
    DistributedVirtualSwitchHostMemberPnicSpec, LinkDiscoveryProtocolConfig, VMwareDVSConfigInfo,
    VMwareDVSConfigSpec, VMwareDVSPvlanConfigSpec, VMwareDVSPvlanMapEntry, VMwareDvsLacpGroupConfig,
    VMwareDvsLacpGroupSpec, VMwareIpfixConfig,
};
use vsphere_client::{FaultKind, MoRef, custom_fields, readable, same_name};

/// Manages a distributed switch and its host members.
///
/// Hosts are added, reconfigured and removed individually: an error on one host does not affect the others, and the
/// hosts that succeed are recorded in the state. A plan shows a warning if it removes a physical adapter from a host
/// whose management network is on the switch.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_distributed_virtual_switch", category = "Networking")]
pub struct DistributedVirtualSwitchModel {
    /// The UUID of the switch, which port groups and network interfaces refer to.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the switch. Changing this renames the switch in place.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter.
    #[tf(required, force_new, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    /// The path of the folder that contains the switch, relative to the network folder of the datacenter.
    #[tf(optional, force_new, same = names::same_path)]
    pub folder: Value<String>,
    /// The description of the switch.
    #[tf(optional)]
    pub description: Value<String>,
    /// The name of the person who is responsible for the switch.
    #[tf(optional)]
    pub contact_name: Value<String>,
    /// The contact information of the person who is responsible for the switch.
    #[tf(optional)]
    pub contact_detail: Value<String>,
    /// The IPv4 address that identifies the switch to a NetFlow collector.
    #[tf(optional)]
    pub ipv4_address: Value<String>,
    /// The version of the switch. Defaults to the latest version that vCenter supports. Changing this to a later
    /// version upgrades the switch, which cannot be undone.
    #[tf(optional, computed, one_of_in = VERSIONS)]
    pub version: Value<String>,
    /// The maximum transmission unit (MTU), in bytes.
    #[tf(optional, computed, range(1, 9000))]
    pub max_mtu: Value<i64>,
    /// The multicast filtering mode: `legacyFiltering` (basic) or `snooping` (IGMP and MLD snooping).
    #[tf(optional, computed, one_of("legacyFiltering", "snooping"))]
    pub multicast_filtering_mode: Value<String>,
    /// The LACP API version: `singleLag` (basic LACP) or `multipleLag` (enhanced LACP).
    #[tf(optional, computed, one_of("singleLag", "multipleLag"))]
    pub lacp_api_version: Value<String>,
    /// The discovery protocol operation: `listen`, `advertise`, `both` or `none`.
    #[tf(optional, default = "listen", one_of("none", "listen", "advertise", "both"))]
    pub link_discovery_operation: Value<String>,
    /// The discovery protocol: `cdp` (Cisco Discovery Protocol) or `lldp` (Link Layer Discovery Protocol).
    #[tf(optional, default = "cdp", one_of("cdp", "lldp"))]
    pub link_discovery_protocol: Value<String>,
    /// The IP address of the NetFlow collector.
    #[tf(optional)]
    pub netflow_collector_ip_address: Value<String>,
    /// The port of the NetFlow collector.
    #[tf(optional, range(0, 65_535))]
    pub netflow_collector_port: Value<i64>,
    /// The observation domain ID of the NetFlow collector.
    #[tf(optional, at_least = 0)]
    pub netflow_observation_domain_id: Value<i64>,
    /// The number of seconds after which active flows are exported to the NetFlow collector.
    #[tf(optional, default = 60, range(60, 3600))]
    pub netflow_active_flow_timeout: Value<i64>,
    /// The number of seconds after which idle flows are exported to the NetFlow collector.
    #[tf(optional, default = 15, range(10, 600))]
    pub netflow_idle_flow_timeout: Value<i64>,
    /// The NetFlow sampling rate: one of every `netflow_sampling_rate` packets is analyzed. Set to `0` to analyze all
    /// packets.
    #[tf(optional, at_least = 0)]
    pub netflow_sampling_rate: Value<i64>,
    /// Whether to analyze only traffic between virtual machines on the same host.
    #[tf(optional)]
    pub netflow_internal_flows_only: Value<bool>,
    /// The names of the uplinks, in order. The number of names is the maximum number of physical adapters that a host
    /// can connect to the switch.
    #[tf(optional, computed)]
    pub uplinks: Value<Vec<String>>,
    /// A link aggregation group (LAG) for enhanced LACP. If no block is configured, the LAGs are not managed; LAGs that were
    /// created outside Terraform are left alone. Requires `lacp_api_version` to be `multipleLag`.
    #[tf(block, computed, key = "name")]
    pub lag: Value<Vec<LinkAggregationGroup>>,
    /// A host that is a member of the switch.
    #[tf(block, set)]
    pub host: Value<Vec<HostMember>>,
    /// A private VLAN mapping.
    #[tf(block, set)]
    pub pvlan_mapping: Value<Vec<PvlanMapping>>,
    /// Whether to ignore private VLAN mappings that are not declared in this resource, such as those of
    /// `vsphere_distributed_virtual_switch_pvlan_mapping`. If `false`, any other mappings are removed.
    #[tf(optional, default = false)]
    pub ignore_other_pvlan_mappings: Value<bool>,
    /// Whether to enable Network I/O Control.
    #[tf(optional)]
    pub network_resource_control_enabled: Value<bool>,
    /// The version of Network I/O Control: `version2` or `version3`.
    #[tf(optional, computed, one_of("version2", "version3"))]
    pub network_resource_control_version: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub traffic: TrafficClasses,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub policy: PortPolicy,
    /// The version of the configuration, which changes with every change to the switch.
    #[tf(computed, volatile)]
    pub config_version: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// A link aggregation group of a distributed switch.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct LinkAggregationGroup {
    /// The name of the LAG, such as `lag1`. Changing this replaces the LAG.
    #[tf(required, length(1, 80))]
    pub name: Value<String>,
    /// The LACP negotiation mode: `active` or `passive`. If omitted, vCenter chooses it.
    #[tf(optional, computed, one_of("active", "passive"))]
    pub mode: Value<String>,
    /// The number of ports, which physical adapters connect to. If omitted, vCenter chooses it.
    #[tf(optional, computed, at_least = 1)]
    pub uplink_count: Value<i64>,
    /// The load balancing algorithm, such as `srcDestIpTcpUdpPortVlan` or `srcMac`. If omitted, vCenter chooses it.
    #[tf(optional, computed, one_of_in = ALGORITHMS)]
    pub load_balance_algorithm: Value<String>,
}

/// A host that is a member of a distributed switch.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct HostMember {
    /// The managed object ID of the host, such as `host-10`.
    #[tf(required, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// The physical adapters of the host to connect to the switch, such as `vmnic1`, in any order.
    #[tf(optional, same = same::unordered)]
    pub devices: Value<Vec<String>>,
}

/// A private VLAN mapping.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PvlanMapping {
    /// The primary VLAN ID.
    #[tf(required, range(1, 4094))]
    pub primary_vlan_id: Value<i64>,
    /// The secondary VLAN ID. Must be equal to `primary_vlan_id` if `pvlan_type` is `promiscuous`.
    #[tf(required, range(1, 4094))]
    pub secondary_vlan_id: Value<i64>,
    /// The private VLAN type: `promiscuous`, `isolated` or `community`.
    #[tf(required, one_of("promiscuous", "isolated", "community"))]
    pub pvlan_type: Value<String>,
}

/// The versions of switches, the oldest first.
const VERSIONS: &[&str] = &["6.5.0", "6.6.0", "7.0.0", "7.0.2", "7.0.3", "8.0.0", "8.0.3", "9.0.0"];

/// The load balancing algorithms of link aggregation groups.
const ALGORITHMS: &[&str] = &[
    "srcMac",
    "destMac",
    "srcDestMac",
    "destIpVlan",
    "srcIpVlan",
    "srcDestIpVlan",
    "destTcpUdpPort",
    "srcTcpUdpPort",
    "srcDestTcpUdpPort",
    "destIpTcpUdpPort",
    "srcIpTcpUdpPort",
    "srcDestIpTcpUdpPort",
    "destIpTcpUdpPortVlan",
    "srcIpTcpUdpPortVlan",
    "srcDestIpTcpUdpPortVlan",
    "destIp",
    "srcIp",
    "srcDestIp",
    "vlan",
    "srcPortId",
];

/// The type of the object.
const TYPE: &str = "VmwareDistributedVirtualSwitch";

/// The resource.
#[derive(Debug, Default)]
pub struct DistributedVirtualSwitch;

type M = DistributedVirtualSwitchModel;

fn int(v: &Value<i64>) -> i32 {
    i32::try_from(v.get()).unwrap_or_default()
}

impl PvlanMapping {
    fn plain(&self) -> Pvlan {
        Pvlan {
            primary: self.primary_vlan_id.get(),
            secondary: self.secondary_vlan_id.get(),
            kind: self.pvlan_type.get(),
        }
    }
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the distributed switch {:?}", self.name.as_str())
    }

    fn members(&self) -> Vec<Member> {
        let plain = |m: &HostMember| Member { host: m.host_system_id.get(), devices: m.devices.get() };
        self.host.known().into_iter().flatten().map(plain).collect()
    }

    fn with_members(self, members: &[Member]) -> Self {
        let model = |m: &Member| HostMember {
            host_system_id: m.host.clone().into(),
            devices: m.devices.clone().into(),
        };
        Self { host: members.iter().map(model).collect::<Vec<_>>().into(), ..self }
    }

    fn lags(&self) -> Vec<Lag> {
        self.lag.known().into_iter().flatten().map(LinkAggregationGroup::plain).collect()
    }

    fn pvlans(&self) -> Vec<Pvlan> {
        self.pvlan_mapping.known().into_iter().flatten().map(PvlanMapping::plain).collect()
    }

    fn ipfix(&self) -> VMwareIpfixConfig {
        VMwareIpfixConfig {
            collector_ip_address: self
                .netflow_collector_ip_address
                .known()
                .filter(|a| !a.is_empty())
                .cloned(),
            collector_port: Some(int(&self.netflow_collector_port)),
            observation_domain_id: Some(self.netflow_observation_domain_id.get()),
            active_flow_timeout: int(&self.netflow_active_flow_timeout),
            idle_flow_timeout: Some(int(&self.netflow_idle_flow_timeout)),
            sampling_rate: int(&self.netflow_sampling_rate),
            internal_flows_only: self.netflow_internal_flows_only.get(),
        }
    }

    /// The specification of what differs from `prior`, without hosts; for a new switch, of all that is set. `now` is the
    /// existing configuration.
    fn spec(&self, prior: Option<&Self>, now: &VMwareDVSConfigInfo) -> VMwareDVSConfigSpec {
        let none = Self::default();
        let before = prior.unwrap_or(&none);
        // What is set to another value than before. A text that is no longer set is sent empty.
        let text =
            |new: &Value<String>, old: &Value<String>| (new.as_str() != old.as_str()).then(|| new.get());
        let number =
            |new: &Value<i64>, old: &Value<i64>| (new != old && new.known().is_some()).then(|| int(new));
        let contact = (&self.contact_name, &self.contact_detail);
        let discovery = (&self.link_discovery_protocol, &self.link_discovery_operation);
        let uplinks = self.uplinks.known().filter(|u| !u.is_empty() && self.uplinks != before.uplinks);
        let (mut pvlans_now, pvlans) = (before.pvlans(), self.pvlans());
        if self.ignore_other_pvlan_mappings.get() && !before.ignore_other_pvlan_mappings.get() {
            // From now on those of others are left alone, which the state still has.
            pvlans_now.retain(|p| pvlans.contains(p));
        }
        let computed = |new: &Value<String>, old: &Value<String>| new.known().filter(|_| new != old).cloned();
        VMwareDVSConfigSpec {
            base: DVSConfigSpec {
                name: (!same_name(self.name.as_str(), before.name.as_str())).then(|| self.name.get()),
                description: text(&self.description, &before.description),
                contact: (contact != (&before.contact_name, &before.contact_detail)).then(|| {
                    Box::new(DVSContactInfo { name: Some(contact.0.get()), contact: Some(contact.1.get()) })
                }),
                switch_ip_address: text(&self.ipv4_address, &before.ipv4_address),
                uplink_port_policy: uplinks.map(|names| {
                    let policy = DVSNameArrayUplinkPortPolicy {
                        uplink_port_name: names.clone(),
                        ..DVSNameArrayUplinkPortPolicy::default()
                    };
                    Box::new(DVSUplinkPortPolicyKind::from(policy))
                }),
                default_port_config: self
                    .policy
                    .changed(prior.map(|p| &p.policy), true)
                    .map(|setting| Box::new(setting.into())),
                infrastructure_traffic_resource_config: self
                    .traffic
                    .changed(prior.map(|p| &p.traffic), &now.base.infrastructure_traffic_resource_config),
                network_resource_control_version: computed(
                    &self.network_resource_control_version,
                    &before.network_resource_control_version,
                ),
                ..DVSConfigSpec::default()
            },
            pvlan_config_spec: pvlan_specs(hosts::pvlan_changes(&pvlans_now, &pvlans)),
            max_mtu: number(&self.max_mtu, &before.max_mtu),
            link_discovery_protocol_config: (discovery
                != (&before.link_discovery_protocol, &before.link_discovery_operation))
                .then(|| {
                    Box::new(LinkDiscoveryProtocolConfig {
                        protocol: discovery.0.get(),
                        operation: discovery.1.get(),
                    })
                }),
            ipfix_config: (self.ipfix() != before.ipfix()).then(|| Box::new(self.ipfix())),
            lacp_api_version: computed(&self.lacp_api_version, &before.lacp_api_version),
            multicast_filtering_mode: computed(
                &self.multicast_filtering_mode,
                &before.multicast_filtering_mode,
            ),
            ..VMwareDVSConfigSpec::default()
        }
    }

    /// With what vCenter reports.
    fn observed(self, config: &VMwareDVSConfigInfo) -> Self {
        let base = &config.base;
        let members: Vec<Member> = base.host.iter().filter_map(member).collect();
        let entry = |e: &VMwareDVSPvlanMapEntry| PvlanMapping {
            primary_vlan_id: i64::from(e.primary_vlan_id).into(),
            secondary_vlan_id: i64::from(e.secondary_vlan_id).into(),
            pvlan_type: e.pvlan_type.clone().into(),
        };
        let own = self.pvlans();
        let ignored = self.ignore_other_pvlan_mappings.get();
        let mappings: Vec<PvlanMapping> = (config.pvlan_config.iter().map(entry))
            .filter(|m| !ignored || own.contains(&m.plain()))
            .collect();
        let ipfix = config.ipfix_config.as_deref().cloned().unwrap_or_default();
        let discovery = config.link_discovery_protocol_config.as_deref();
        let uplinks = match &base.uplink_port_policy {
            DVSUplinkPortPolicyKind::DVSNameArrayUplinkPortPolicy(names) => names.uplink_port_name.clone(),
            _ => vec![],
        };
        Self {
            name: readable(&base.name).into_owned().into(),
            description: base.description.clone().into(),
            contact_name: base.contact.name.clone().into(),
            contact_detail: base.contact.contact.clone().into(),
            ipv4_address: base.switch_ip_address.clone().into(),
            version: base.product_info.version.clone().into(),
            max_mtu: i64::from(config.max_mtu).into(),
            multicast_filtering_mode: config.multicast_filtering_mode.clone().into(),
            lacp_api_version: config.lacp_api_version.clone().into(),
            link_discovery_operation: discovery.map(|d| d.operation.clone()).into(),
            link_discovery_protocol: discovery.map(|d| d.protocol.clone()).into(),
            netflow_collector_ip_address: ipfix.collector_ip_address.into(),
            netflow_collector_port: ipfix.collector_port.map(i64::from).into(),
            netflow_observation_domain_id: ipfix.observation_domain_id.into(),
            netflow_active_flow_timeout: i64::from(ipfix.active_flow_timeout).into(),
            netflow_idle_flow_timeout: ipfix.idle_flow_timeout.map(i64::from).into(),
            netflow_sampling_rate: i64::from(ipfix.sampling_rate).into(),
            netflow_internal_flows_only: ipfix.internal_flows_only.into(),
            uplinks: uplinks.into(),
            lag: config.lacp_group_config.iter().map(lag).collect::<Vec<_>>().into(),
            pvlan_mapping: mappings.into(),
            network_resource_control_enabled: base.network_resource_management_enabled.into(),
            network_resource_control_version: base.network_resource_control_version.clone().into(),
            traffic: self.traffic.clone().observed(&base.infrastructure_traffic_resource_config),
            policy: PortPolicy::observed(Some(&base.default_port_config)),
            config_version: base.config_version.clone().into(),
            ..self
        }
        .with_members(&members)
    }
}

impl LinkAggregationGroup {
    fn plain(&self) -> Lag {
        Lag {
            name: self.name.get(),
            mode: self.mode.known().cloned(),
            uplinks: self.uplink_count.known().copied(),
            algorithm: self.load_balance_algorithm.known().cloned(),
        }
    }
}

/// A link aggregation group of the switch.
fn lag(l: &VMwareDvsLacpGroupConfig) -> LinkAggregationGroup {
    LinkAggregationGroup {
        name: l.name.as_deref().map(|name| readable(name).into_owned()).into(),
        mode: l.mode.clone().into(),
        uplink_count: l.uplink_num.map(i64::from).into(),
        load_balance_algorithm: l.loadbalance_algorithm.clone().into(),
    }
}

/// The changes of link aggregation groups for the API.
fn lag_specs(prior: &[Lag], plan: &[Lag], now: &VMwareDVSConfigInfo) -> Vec<VMwareDvsLacpGroupSpec> {
    let found = |l: &VMwareDvsLacpGroupConfig| Some((l.key.clone()?, lag(l).plain()));
    let existing: Vec<_> = now.lacp_group_config.iter().filter_map(found).collect();
    let names: Vec<String> = prior.iter().map(|l| l.name.clone()).collect();
    let config = |key: Option<String>, lag: Lag| VMwareDvsLacpGroupConfig {
        key,
        name: Some(lag.name).filter(|name| !name.is_empty()),
        mode: lag.mode,
        uplink_num: lag.uplinks.and_then(|n| i32::try_from(n).ok()),
        loadbalance_algorithm: lag.algorithm,
        ..VMwareDvsLacpGroupConfig::default()
    };
    let spec = |change: lags::Change| {
        let (operation, lacp_group_config) = match change {
            lags::Change::Remove(key) => ("remove", config(Some(key), Lag::default())),
            lags::Change::Edit(key, lag) => ("edit", config(Some(key), lag)),
            lags::Change::Add(lag) => ("add", config(None, lag)),
        };
        VMwareDvsLacpGroupSpec { lacp_group_config, operation: operation.to_owned() }
    };
    lags::changes(&names, plan, &existing).into_iter().map(spec).collect()
}

/// Changes of private VLANs for the API.
pub(super) fn pvlan_specs(changes: Vec<(&'static str, Pvlan)>) -> Vec<VMwareDVSPvlanConfigSpec> {
    let id = |n: i64| i32::try_from(n).unwrap_or_default();
    let spec = |(operation, p): (&'static str, Pvlan)| VMwareDVSPvlanConfigSpec {
        pvlan_entry: VMwareDVSPvlanMapEntry {
            primary_vlan_id: id(p.primary),
            secondary_vlan_id: id(p.secondary),
            pvlan_type: p.kind,
        },
        operation: operation.to_owned(),
    };
    changes.into_iter().map(spec).collect()
}

/// A host of the switch, as plain values.
fn member(m: &DistributedVirtualSwitchHostMember) -> Option<Member> {
    let host = m.config.host.as_ref()?.id.to_string();
    Some(Member { host, devices: pnics(m).iter().map(|p| p.pnic_device.clone()).collect() })
}

fn pnics(m: &DistributedVirtualSwitchHostMember) -> &[DistributedVirtualSwitchHostMemberPnicSpec] {
    match &m.config.backing {
        DistributedVirtualSwitchHostMemberBackingKind::DistributedVirtualSwitchHostMemberPnicBacking(b) => {
            &b.pnic_spec
        }
        _ => &[],
    }
}

/// The specification of a change of one host, given what the switch is now; nothing where it is as wanted. Adapters that stay
/// keep their uplinks.
fn host_spec(change: &Change, now: &VMwareDVSConfigInfo) -> Option<VMwareDVSConfigSpec> {
    let (Change::Remove(wanted) | Change::Edit(wanted) | Change::Add(wanted)) = change;
    let object = MoId::<Host>::object(&wanted.host);
    let existing = now.base.host.iter().find(|m| m.config.host.as_ref() == Some(&object));
    let operation = match (change, existing) {
        (Change::Remove(_), None) => return None,
        (Change::Remove(_), Some(_)) => "remove",
        (_, None) => "add",
        (_, Some(_)) => "edit",
    };
    let there = existing.map(pnics).unwrap_or_default();
    let (kept, new): (Vec<_>, Vec<_>) =
        wanted.devices.iter().partition(|d| there.iter().any(|p| p.pnic_device == **d));
    let mut pnic_spec: Vec<_> = there.iter().filter(|p| kept.contains(&&p.pnic_device)).cloned().collect();
    pnic_spec.extend(new.into_iter().map(|device| DistributedVirtualSwitchHostMemberPnicSpec {
        pnic_device: device.clone(),
        ..DistributedVirtualSwitchHostMemberPnicSpec::default()
    }));
    let backing = DistributedVirtualSwitchHostMemberPnicBacking {
        pnic_spec,
        ..DistributedVirtualSwitchHostMemberPnicBacking::default()
    };
    let member = DistributedVirtualSwitchHostMemberConfigSpec {
        operation: operation.to_owned(),
        host: object,
        backing: (operation != "remove")
            .then(|| Box::new(DistributedVirtualSwitchHostMemberBackingKind::from(backing))),
        ..DistributedVirtualSwitchHostMemberConfigSpec::default()
    };
    let base = DVSConfigSpec { host: vec![member], ..DVSConfigSpec::default() };
    Some(VMwareDVSConfigSpec { base, ..VMwareDVSConfigSpec::default() })
}

impl DistributedVirtualSwitch {
    /// Brings the link aggregation groups to those of the plan, if it has any.
    async fn lags(&self, cx: &Cx<'_, Self>, object: &MoRef, prior: Option<&M>, plan: &M) -> Result<()> {
        let (before, wanted) = (prior.map(M::lags).unwrap_or_default(), plan.lags());
        if before == wanted {
            return Ok(());
        }
        let timeout = cx.timeout(cx.client().timeout);
        let switches = cx.client().api.distributed_switches();
        let decide = |now: &VMwareDVSConfigInfo| lag_specs(&before, &wanted, now);
        let done = switches.set_lags(object, timeout, cx.cancel(), decide).await;
        done.doing_to(format!("change the link aggregation groups of {}", plan.title()), |_| Some(M::LAG))
    }

    /// Brings the hosts from `now` to those of the plan, one by one; what has been done by then is in the state.
    async fn hosts(&self, cx: &Cx<'_, Self>, object: &MoRef, now: Vec<Member>, plan: &M) -> Result<()> {
        let vsphere = cx.client();
        let mut members = now;
        for change in hosts::changes(&members, &plan.members()) {
            let (verb, Change::Remove(m) | Change::Edit(m) | Change::Add(m)) = (
                match &change {
                    Change::Remove(_) => "remove",
                    Change::Edit(_) => "change",
                    Change::Add(_) => "add",
                },
                &change,
            );
            let doing = format!("{verb} {} on {}", MoId::<Host>::object(&m.host), plan.title());
            let timeout = cx.timeout(vsphere.timeout);
            let switches = vsphere.api.distributed_switches();
            let done =
                switches.reconfigure(object, timeout, cx.cancel(), |now| host_spec(&change, now)).await;
            done.doing_to(doing, |_| Some(M::HOST))?;
            members = hosts::apply(members, &change);
            cx.checkpoint(&plan.clone().with_members(&members));
        }
        Ok(())
    }
}

impl Resource for DistributedVirtualSwitch {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, such as /dc1/network/dvs1, by the UUID, or by the managed object ID, such as dvs-21";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let all = config.members();
        for (i, m) in all.iter().enumerate() {
            if !m.host.is_empty() && all[..i].iter().any(|o| o.host == m.host) {
                let detail = format!(
                    "Two `host` blocks have the `host_system_id` {:?}. A host is on a switch once: list all its adapters in \
                     `devices` of one block.",
                    m.host
                );
                out.merge(Diagnostics::error(M::HOST, "Conflicting hosts", detail));
            }
        }
        let all = config.lags();
        for (i, l) in all.iter().enumerate() {
            if !l.name.is_empty() && all[..i].iter().any(|o| o.name == l.name) {
                let detail = format!(
                    "Two `lag` blocks have the name {:?}. Choose another name for one of them.",
                    l.name
                );
                let at = AttributePath::from(M::LAG).index(i).field(LinkAggregationGroup::NAME);
                out.merge(Diagnostics::error(at, "Conflicting link aggregation groups", detail));
            }
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, TYPE, planned).await?;
        PortPolicy::plan(&cx.config.policy, cx.prior.map(|p| &p.policy), planned);
        let traffic = planned.traffic.clone();
        TrafficClasses::plan(&cx.config.traffic, cx.prior.map(|p| &p.traffic), planned, &traffic);
        if cx.is_replacement() {
            return Ok(());
        }
        if let Some(prior) = cx.prior {
            downgrade(&prior.version, &planned.version)?;
        }
        let basic = planned.lacp_api_version.known().is_some_and(|v| v == "singleLag");
        if basic && cx.config.lag.known().is_some_and(|all| !all.is_empty()) {
            let detail = "The switch has basic LACP, which has no link aggregation groups of its own. Set `lacp_api_version` to \
                          \"multipleLag\".";
            return Err(Diagnostics::error(M::LAG, "Missing enhanced LACP", detail));
        }
        let Some(vsphere) = cx.client else { return Ok(()) };
        let mut found = planned.labels.check(vsphere, TYPE, cx.prior.map(|p| &p.labels)).await;
        match cx.prior {
            None => {
                if let Some(id) = planned.datacenter_id.known() {
                    lookup::exists(vsphere, &MoId::<Datacenter>::object(id), M::DATACENTER_ID).await?;
                }
            }
            Some(prior) if !planned.host.is_unknown() => {
                let wanted = planned.members();
                for was in prior.members() {
                    let new = wanted.iter().find(|m| m.host == was.host);
                    let lost = hosts::lost(&was, new);
                    let why = match new {
                        None => "The plan removes the host from the switch.".to_owned(),
                        Some(_) if lost.is_empty() => continue,
                        Some(_) => format!("The plan takes {} off the switch.", lost.join(", ")),
                    };
                    found.merge(cut(vsphere, prior, &was, M::HOST.into(), &why).await);
                }
            }
            Some(_) => {}
        }
        cx.finish(found)
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let mut out = Diagnostics::default();
        if let Some(vsphere) = cx.client {
            for m in state.members() {
                let why = "The plan deletes the switch.";
                out.merge(cut(vsphere, state, &m, AttributePath::root(), why).await);
            }
        }
        Ok(out)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (vsphere, timeout) = (cx.client(), cx.timeout(cx.client().timeout));
        plan.labels.before_create(vsphere, TYPE).await?;
        let datacenter = MoId::<Datacenter>::object(plan.datacenter_id.as_str());
        let folder =
            folders::find(vsphere, &datacenter, Area::Network, plan.folder.as_str(), M::FOLDER).await?;
        let (name, switches) = (plan.name.as_str(), vsphere.api.distributed_switches());
        let spec = plan.spec(None, &VMwareDVSConfigInfo::default());
        let version = plan.version.known().map(String::as_str);
        let look = || async {
            let child = vsphere.api.find().child(&folder, name).await?;
            Ok(child.filter(|c| c.ty.ends_with("DistributedVirtualSwitch")))
        };
        let make = async { switches.create(&folder, spec, version, timeout, cx.cancel()).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        let read = switches.get(&made).await.doing(format!("read {}", plan.title()))?;
        let plan = M { id: read.uuid.into(), ..plan };
        cx.checkpoint(&plan.clone().with_members(&[]));
        if plan.network_resource_control_enabled.get() {
            let done = switches.enable_resource_management(&made, true).await;
            done.doing(format!("enable Network I/O Control on {}", plan.title()))?;
        }
        plan.labels.apply(vsphere, &made, None).await?;
        self.lags(cx, &made, None, &plan).await?;
        self.hosts(cx, &made, vec![], &plan).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(object) = switch::existing(vsphere, state.id.as_str()).await? else { return Ok(None) };
        let switches = vsphere.api.distributed_switches();
        let (read, carried) = futures_util::join!(switches.get(&object), Labels::read_tags(vsphere, &object));
        let read = match read {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read {}", state.title()))?,
        };
        let values = custom_fields::texts(&read.custom_values);
        let find = vsphere.api.find();
        let (place, datacenter) =
            futures_util::join!(find.path_in_datacenter(&object), find.datacenter_of(&object));
        let doing = || format!("find the folder of {}", state.title());
        let place = place.doing(doing())?;
        let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
        let datacenter = datacenter.doing(doing())?;
        let state = M {
            id: read.uuid.into(),
            folder: folder.into(),
            datacenter_id: datacenter.map(|d| d.id.to_string()).into(),
            labels: Labels::of(&carried?, &values, &state.labels),
            ..state
        };
        Ok(Some(state.observed(&read.config)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, timeout) = (cx.client(), cx.timeout(cx.client().timeout));
        let Some(object) = switch::existing(vsphere, plan.id.as_str()).await? else {
            let detail = "It does not exist or is not visible to the user. Plan again.";
            let summary = format!("Unable to change {}", prior.title());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        };
        let switches = vsphere.api.distributed_switches();
        if let Some(version) = plan.version.known().filter(|_| plan.version != prior.version) {
            let done = switches.upgrade(&object, version, timeout, cx.cancel()).await;
            done.doing_to(format!("upgrade {} to {version}", prior.title()), |_| Some(M::VERSION))?;
            cx.checkpoint(&M { version: plan.version.clone(), ..prior.clone() });
        }
        let decide = |now: &VMwareDVSConfigInfo| {
            let spec = plan.spec(Some(&prior), now);
            (spec != VMwareDVSConfigSpec::default()).then_some(spec)
        };
        let done = switches.reconfigure(&object, timeout, cx.cancel(), decide).await;
        done.doing_to(format!("change {}", prior.title()), blame)?;
        self.lags(cx, &object, Some(&prior), &plan).await?;
        let enabled = plan.network_resource_control_enabled.get();
        if enabled != prior.network_resource_control_enabled.get() {
            let done = switches.enable_resource_management(&object, enabled).await;
            done.doing_to(format!("change Network I/O Control on {}", prior.title()), |_| {
                Some(M::NETWORK_RESOURCE_CONTROL_ENABLED)
            })?;
        }
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        let members = prior.members();
        cx.checkpoint(&plan.clone().with_members(&members));
        self.hosts(cx, &object, members, &plan).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let Some(object) = switch::existing(vsphere, state.id.as_str()).await? else { return Ok(()) };
        let timeout = cx.timeout(vsphere.timeout);
        let done = or_absent(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        if !id.starts_with('/') && !id.starts_with("dvs-") {
            let Some(_) = switch::existing(vsphere, id).await? else {
                let detail =
                    "Expected an inventory path, a managed object ID, or the UUID of a distributed switch.";
                let summary = format!("Distributed switch {id:?} not found");
                return Err(Diagnostics::error(AttributePath::root(), summary, detail));
            };
            return Ok(imported(id));
        }
        let object = match id.starts_with('/') {
            true => resolve::object_at(vsphere, id).await?,
            false => MoRef::new(TYPE, id),
        };
        if !object.ty.ends_with("DistributedVirtualSwitch") {
            let detail = format!("At this path there is {}.", entity::words(&object.ty));
            let summary = format!("{id:?} is not a distributed switch");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let read = vsphere.api.distributed_switches().get(&object).await.doing(format!("read {object}"))?;
        Ok(imported(&read.uuid))
    }
}

/// The state of an import, with the defaults of arguments that no server keeps.
fn imported(uuid: &str) -> M {
    let mut m = M { id: uuid.into(), ..M::default() };
    m.set_defaults(&M::block());
    m
}

/// A switch is never downgraded.
fn downgrade(from: &Value<String>, to: &Value<String>) -> Result<()> {
    let place = |v: &Value<String>| VERSIONS.iter().position(|known| v.known().is_some_and(|v| v == known));
    match (place(from), place(to)) {
        (Some(a), Some(b)) if b < a => {
            let detail = format!(
                "The switch has the version {}. vSphere upgrades distributed switches and does not downgrade them: set \
                 `version` to this one or a later one, or remove it.",
                from.as_str()
            );
            Err(Diagnostics::error(M::VERSION, "Invalid value for `version`", detail))
        }
        _ => Ok(()),
    }
}

/// Warns where a change affects the management network of a host that is on the switch.
async fn cut(vsphere: &Vsphere, of: &M, m: &Member, at: AttributePath, why: &str) -> Diagnostics {
    let uuid = of.id.as_str();
    let on = |n: &vsphere_client::host_network::ManagementNic| n.switch_uuid.as_deref() == Some(uuid);
    host::management_warning(vsphere, &m.host, at, &of.title(), why, on).await
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::DuplicateName { .. } | FaultKind::InvalidName { .. } => Some(M::NAME),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::DistributedVirtualSwitchHostMemberConfigInfo;

    fn names(x: &[&str]) -> Value<Vec<String>> {
        x.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().into()
    }

    fn plan() -> M {
        let mut m = M { name: "dvs1".into(), uplinks: names(&["up1", "up2"]), ..M::default() };
        m.set_defaults(&M::block());
        m
    }

    #[test]
    fn only_what_changes_is_sent() {
        let prior = M { description: "d".into(), max_mtu: 1500.into(), ..plan() };
        let none = VMwareDVSConfigInfo::default();
        assert_eq!(prior.spec(Some(&prior), &none), VMwareDVSConfigSpec::default());
        let wanted = M { max_mtu: 9000.into(), description: Value::Null, ..prior.clone() };
        let spec = wanted.spec(Some(&prior), &none);
        assert_eq!((spec.max_mtu, spec.base.description.as_deref()), (Some(9000), Some("")));
        assert_eq!((spec.base.name, spec.ipfix_config, spec.base.contact), (None, None, None));
        // A new switch has a name and its uplinks; what is unknown is left to vCenter.
        let new = M { max_mtu: Value::Unknown, version: Value::Unknown, ..plan() };
        let spec = new.spec(None, &none);
        assert_eq!((spec.base.name.as_deref(), spec.max_mtu), (Some("dvs1"), None));
        assert!(spec.base.uplink_port_policy.is_some() && spec.base.description.is_none());
    }

    #[test]
    fn adapters_that_stay_keep_their_uplinks() {
        let pnic = |device: &str, uplink: &str| DistributedVirtualSwitchHostMemberPnicSpec {
            pnic_device: device.into(),
            uplink_port_key: Some(uplink.into()),
            ..DistributedVirtualSwitchHostMemberPnicSpec::default()
        };
        let backing = DistributedVirtualSwitchHostMemberPnicBacking {
            pnic_spec: vec![pnic("vmnic1", "10"), pnic("vmnic2", "11")],
            ..DistributedVirtualSwitchHostMemberPnicBacking::default()
        };
        let existing = DistributedVirtualSwitchHostMember {
            config: DistributedVirtualSwitchHostMemberConfigInfo {
                host: Some(MoId::<Host>::object("host-1")),
                backing: backing.into(),
                ..DistributedVirtualSwitchHostMemberConfigInfo::default()
            },
            ..DistributedVirtualSwitchHostMember::default()
        };
        let mut now = VMwareDVSConfigInfo::default();
        now.base.host = vec![existing];
        let wanted = |devices: &[&str]| Member {
            host: "host-1".into(),
            devices: devices.iter().map(|d| (*d).into()).collect(),
        };
        let spec = host_spec(&Change::Add(wanted(&["vmnic3", "vmnic2"])), &now).unwrap();
        let sent = &spec.base.host[0];
        assert_eq!((sent.operation.as_str(), spec.base.host.len()), ("edit", 1));
        let member = DistributedVirtualSwitchHostMember {
            config: DistributedVirtualSwitchHostMemberConfigInfo {
                backing: sent.backing.as_deref().cloned().unwrap(),
                ..DistributedVirtualSwitchHostMemberConfigInfo::default()
            },
            ..DistributedVirtualSwitchHostMember::default()
        };
        let sent: Vec<_> =
            pnics(&member).iter().map(|p| (p.pnic_device.as_str(), p.uplink_port_key.as_deref())).collect();
        assert_eq!(sent, [("vmnic2", Some("11")), ("vmnic3", None)]);
        let other = Member { host: "host-2".into(), devices: vec![] };
        assert_eq!(host_spec(&Change::Remove(other), &now), None);
    }

    #[test]
    fn switch_is_not_downgraded() {
        let of = |from: &str, to: Value<String>| downgrade(&from.into(), &to).is_ok();
        assert!(of("7.0.3", "8.0.0".into()) && of("8.0.0", "8.0.0".into()) && of("8.0.0", Value::Unknown));
        assert!(!of("8.0.0", "7.0.3".into()));
        // A version that is newer than this list.
        assert!(of("10.0.0", "8.0.0".into()));
    }
}
