//! The policy of the ports of distributed switches and of their port groups: VLAN, teaming, security, shaping. One model for
//! both, as plain values and as the API has it.
use std::collections::BTreeSet;
use tf_framework::{Model, Plan, Value};
use vsphere_client::vim::types::{
    BoolPolicy, DVPortSetting, DVPortSettingKind, DVSFailureCriteria, DVSSecurityPolicy,
    DVSTrafficShapingPolicy, InheritablePolicy, LongPolicy, NumericRange, StringPolicy, VMwareDVSPortSetting,
    VMwareUplinkLacpPolicy, VMwareUplinkPortOrderPolicy, VmwareDistributedVirtualSwitchPvlanSpec,
    VmwareDistributedVirtualSwitchTrunkVlanSpec, VmwareDistributedVirtualSwitchVlanIdSpec,
    VmwareDistributedVirtualSwitchVlanSpecKind, VmwareUplinkPortTeamingPolicy,
};

/// The values of `teaming_policy`.
const TEAMING: &[&str] = &[
    "loadbalance_ip",
    "loadbalance_srcmac",
    "loadbalance_srcid",
    "failover_explicit",
    "loadbalance_loadbased",
];

/// The policy of ports. Flatten it into the model of a switch or port group.
///
/// What is not set is left as it is: on a new switch, the default of vCenter; on a new port group, that of the switch.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PortPolicy {
    /// The VLAN ID. Set to `0` for no VLAN.
    #[tf(optional, computed, range(0, 4094), conflicts_with("vlan_range", "port_private_secondary_vlan_id"))]
    pub vlan_id: Value<i64>,
    /// A range of VLAN IDs for VLAN trunking. Conflicts with `vlan_id` and `port_private_secondary_vlan_id`.
    #[tf(block, set, computed)]
    pub vlan_range: Value<Vec<VlanRange>>,
    /// The secondary VLAN ID of a private VLAN that is configured on the switch.
    #[tf(optional, computed, range(1, 4094), conflicts_with("vlan_id", "vlan_range"))]
    pub port_private_secondary_vlan_id: Value<i64>,
    /// Whether to use beacon probing, in addition to the link status, to detect failures.
    #[tf(optional, computed)]
    pub check_beacon: Value<bool>,
    /// The names of the active uplinks, in order of preference.
    #[tf(optional, computed)]
    pub active_uplinks: Value<Vec<String>>,
    /// The names of the standby uplinks, which replace failed active uplinks, in order of preference.
    #[tf(optional, computed)]
    pub standby_uplinks: Value<Vec<String>>,
    /// The load balancing policy for the uplinks: `loadbalance_srcid` (originating virtual port), `loadbalance_srcmac`
    /// (source MAC hash), `loadbalance_ip` (IP hash), `loadbalance_loadbased` (physical NIC load) or
    /// `failover_explicit` (explicit failover order).
    #[tf(optional, computed, one_of_in = TEAMING)]
    pub teaming_policy: Value<String>,
    /// Whether to notify physical switches of a failover.
    #[tf(optional, computed)]
    pub notify_switches: Value<bool>,
    /// Whether an uplink becomes active again after it recovers from a failure.
    #[tf(optional, computed)]
    pub failback: Value<bool>,
    /// Whether to allow promiscuous mode, in which a virtual machine receives all traffic on the network.
    #[tf(optional, computed)]
    pub allow_promiscuous: Value<bool>,
    /// Whether to allow outbound frames with a source MAC address that differs from that of the network interface.
    #[tf(optional, computed)]
    pub allow_forged_transmits: Value<bool>,
    /// Whether to allow guests to change the MAC address of a network interface.
    #[tf(optional, computed)]
    pub allow_mac_changes: Value<bool>,
    /// Whether to enable LACP on the uplinks. Has no effect on a `vsphere_distributed_port_group`.
    #[tf(optional, computed)]
    pub lacp_enabled: Value<bool>,
    /// The LACP mode of the uplinks: `active` or `passive`. Has no effect on a `vsphere_distributed_port_group`.
    #[tf(optional, computed, one_of("active", "passive"))]
    pub lacp_mode: Value<String>,
    /// Whether to enable traffic shaping for ingress traffic (from virtual machines to the switch).
    #[tf(optional, computed)]
    pub ingress_shaping_enabled: Value<bool>,
    /// The average bandwidth of ingress traffic, in bits per second. Used only if `ingress_shaping_enabled` is `true`.
    #[tf(optional, computed)]
    pub ingress_shaping_average_bandwidth: Value<i64>,
    /// The peak bandwidth of ingress traffic, in bits per second. Used only if `ingress_shaping_enabled` is `true`.
    #[tf(optional, computed)]
    pub ingress_shaping_peak_bandwidth: Value<i64>,
    /// The maximum burst size of ingress traffic, in bytes. Used only if `ingress_shaping_enabled` is `true`.
    #[tf(optional, computed)]
    pub ingress_shaping_burst_size: Value<i64>,
    /// Whether to enable traffic shaping for egress traffic (from the switch to virtual machines).
    #[tf(optional, computed)]
    pub egress_shaping_enabled: Value<bool>,
    /// The average bandwidth of egress traffic, in bits per second. Used only if `egress_shaping_enabled` is `true`.
    #[tf(optional, computed)]
    pub egress_shaping_average_bandwidth: Value<i64>,
    /// The peak bandwidth of egress traffic, in bits per second. Used only if `egress_shaping_enabled` is `true`.
    #[tf(optional, computed)]
    pub egress_shaping_peak_bandwidth: Value<i64>,
    /// The maximum burst size of egress traffic, in bytes. Used only if `egress_shaping_enabled` is `true`.
    #[tf(optional, computed)]
    pub egress_shaping_burst_size: Value<i64>,
    /// Whether to block all ports.
    #[tf(optional, computed)]
    pub block_all_ports: Value<bool>,
    /// Whether to enable NetFlow.
    #[tf(optional, computed)]
    pub netflow_enabled: Value<bool>,
    /// Whether to forward a copy of each packet to an uplink, in addition to normal forwarding.
    #[tf(optional, computed)]
    pub tx_uplink: Value<bool>,
    /// Whether to allow DirectPath I/O Gen. 2.
    #[tf(optional, computed)]
    pub directpath_gen2_allowed: Value<bool>,
}

/// A range of VLANs.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct VlanRange {
    /// The first VLAN ID of the range.
    #[tf(required, range(0, 4094))]
    pub min_vlan: Value<i64>,
    /// The last VLAN ID of the range.
    #[tf(required, range(0, 4094))]
    pub max_vlan: Value<i64>,
}

/// The VLAN of ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vlan {
    /// One VLAN.
    Id(i64),
    /// Several, which the guests tag.
    Trunk(BTreeSet<(i64, i64)>),
    /// A secondary VLAN of a private one.
    Private(i64),
}

type M = PortPolicy;

fn own() -> InheritablePolicy {
    InheritablePolicy { inherited: false }
}

fn boolean(v: Option<bool>) -> Option<Box<BoolPolicy>> {
    v.map(|v| Box::new(BoolPolicy { base: own(), value: Some(v) }))
}

fn text(v: Option<String>) -> Option<Box<StringPolicy>> {
    v.map(|v| Box::new(StringPolicy { base: own(), value: Some(v) }))
}

fn number(v: Option<i64>) -> Option<Box<LongPolicy>> {
    v.map(|v| Box::new(LongPolicy { base: own(), value: Some(v) }))
}

/// A group of settings, unless none of them is set.
fn unless_empty<T: Default + PartialEq>(v: T) -> Option<Box<T>> {
    (v != T::default()).then(|| Box::new(v))
}

fn shaping(
    enabled: Option<bool>,
    average: Option<i64>,
    peak: Option<i64>,
    burst: Option<i64>,
) -> Option<Box<DVSTrafficShapingPolicy>> {
    unless_empty(DVSTrafficShapingPolicy {
        base: own(),
        enabled: boolean(enabled),
        average_bandwidth: number(average),
        peak_bandwidth: number(peak),
        burst_size: number(burst),
    })
}

impl PortPolicy {
    /// The VLAN, if one is set and known.
    fn vlan(&self) -> Option<Vlan> {
        let range = |r: &VlanRange| Some((*r.min_vlan.known()?, *r.max_vlan.known()?));
        let ranges: BTreeSet<_> = self.vlan_range.known().into_iter().flatten().filter_map(range).collect();
        if !ranges.is_empty() {
            return Some(Vlan::Trunk(ranges));
        }
        match self.port_private_secondary_vlan_id.known() {
            Some(id) if *id != 0 => Some(Vlan::Private(*id)),
            _ => self.vlan_id.known().map(|id| Vlan::Id(*id)),
        }
    }

    /// Plans the VLAN: of the three ways to set it, the one that is configured replaces the others. They are computed, so
    /// that otherwise the plan would keep them.
    pub fn plan<T: Model>(config: &Self, prior: Option<&Self>, planned: &mut Plan<'_, T>) {
        let Some(prior) = prior else { return };
        let ranges =
            config.vlan_range.is_unknown() || config.vlan_range.known().is_some_and(|r| !r.is_empty());
        let given = |v: &Value<i64>| v.is_unknown() || v.known().is_some();
        let (private, id) = (given(&config.port_private_secondary_vlan_id), given(&config.vlan_id));
        let was = prior.vlan();
        if ranges && !matches!(was, Some(Vlan::Trunk(_))) {
            planned.null(M::VLAN_ID);
            planned.null(M::PORT_PRIVATE_SECONDARY_VLAN_ID);
        } else if private && !matches!(was, Some(Vlan::Private(_))) {
            planned.null(M::VLAN_ID);
            planned.set(M::VLAN_RANGE, Value::Known(Vec::<VlanRange>::new()));
        } else if id && !matches!(was, Some(Vlan::Id(_))) {
            planned.null(M::PORT_PRIVATE_SECONDARY_VLAN_ID);
            planned.set(M::VLAN_RANGE, Value::Known(Vec::<VlanRange>::new()));
        }
    }

    /// The settings for the API that differ from those of `prior`, or all that are set. A setting that stays is not sent: on a
    /// port group it may be inherited, which sending it would end. `lacp`: whether the settings of uplinks belong to it.
    pub fn changed(&self, prior: Option<&Self>, lacp: bool) -> Option<VMwareDVSPortSetting> {
        let none = M::default();
        let before = prior.unwrap_or(&none);
        // A value that is known and another one than before.
        macro_rules! new {
            ($field:ident) => {
                self.$field.known().filter(|v| before.$field.known() != Some(*v)).cloned()
            };
        }
        let order = new!(active_uplinks).is_some() || new!(standby_uplinks).is_some();
        let vlan = self.vlan().filter(|v| before.vlan().as_ref() != Some(v));
        let setting = VMwareDVSPortSetting {
            base: DVPortSetting {
                blocked: boolean(new!(block_all_ports)),
                vm_direct_path_gen2_allowed: boolean(new!(directpath_gen2_allowed)),
                in_shaping_policy: shaping(
                    new!(ingress_shaping_enabled),
                    new!(ingress_shaping_average_bandwidth),
                    new!(ingress_shaping_peak_bandwidth),
                    new!(ingress_shaping_burst_size),
                ),
                out_shaping_policy: shaping(
                    new!(egress_shaping_enabled),
                    new!(egress_shaping_average_bandwidth),
                    new!(egress_shaping_peak_bandwidth),
                    new!(egress_shaping_burst_size),
                ),
                ..DVPortSetting::default()
            },
            vlan: vlan.map(|v| Box::new(vlan_spec(v))),
            uplink_teaming_policy: unless_empty(VmwareUplinkPortTeamingPolicy {
                policy: text(new!(teaming_policy)),
                notify_switches: boolean(new!(notify_switches)),
                rolling_order: boolean(new!(failback).map(|f| !f)),
                failure_criteria: unless_empty(DVSFailureCriteria {
                    check_beacon: boolean(new!(check_beacon)),
                    ..DVSFailureCriteria::default()
                }),
                // The order is one setting of two lists.
                uplink_port_order: order.then(|| {
                    Box::new(VMwareUplinkPortOrderPolicy {
                        base: own(),
                        active_uplink_port: self.active_uplinks.get(),
                        standby_uplink_port: self.standby_uplinks.get(),
                    })
                }),
                ..VmwareUplinkPortTeamingPolicy::default()
            }),
            security_policy: unless_empty(DVSSecurityPolicy {
                base: own(),
                allow_promiscuous: boolean(new!(allow_promiscuous)),
                mac_changes: boolean(new!(allow_mac_changes)),
                forged_transmits: boolean(new!(allow_forged_transmits)),
            }),
            ipfix_enabled: boolean(new!(netflow_enabled)),
            tx_uplink: boolean(new!(tx_uplink)),
            lacp_policy: (lacp)
                .then(|| VMwareUplinkLacpPolicy {
                    base: own(),
                    enable: boolean(new!(lacp_enabled)),
                    mode: text(new!(lacp_mode)),
                })
                .and_then(unless_empty),
            ..VMwareDVSPortSetting::default()
        };
        (setting != VMwareDVSPortSetting::default()).then_some(setting)
    }

    /// The policy that vCenter reports.
    pub fn observed(setting: Option<&DVPortSettingKind>) -> Self {
        let Some(DVPortSettingKind::VMwareDVSPortSetting(setting)) = setting else { return Self::default() };
        let flag = |p: &Option<Box<BoolPolicy>>| Value::from(p.as_ref().and_then(|p| p.value));
        let word = |p: &Option<Box<StringPolicy>>| Value::from(p.as_ref().and_then(|p| p.value.clone()));
        let long = |p: &Option<Box<LongPolicy>>| Value::from(p.as_ref().and_then(|p| p.value));
        let teaming = setting.uplink_teaming_policy.as_deref().cloned().unwrap_or_default();
        let security = setting.security_policy.as_deref().cloned().unwrap_or_default();
        let lacp = setting.lacp_policy.as_deref().cloned().unwrap_or_default();
        let ingress = setting.base.in_shaping_policy.as_deref().cloned().unwrap_or_default();
        let egress = setting.base.out_shaping_policy.as_deref().cloned().unwrap_or_default();
        let failback = teaming.rolling_order.as_ref().and_then(|p| p.value).map(|rolling| !rolling);
        let order = teaming.uplink_port_order.map(|o| *o).unwrap_or_default();
        let mut out = Self {
            check_beacon: flag(&teaming.failure_criteria.and_then(|f| f.check_beacon)),
            active_uplinks: order.active_uplink_port.into(),
            standby_uplinks: order.standby_uplink_port.into(),
            teaming_policy: word(&teaming.policy),
            notify_switches: flag(&teaming.notify_switches),
            failback: failback.into(),
            allow_promiscuous: flag(&security.allow_promiscuous),
            allow_forged_transmits: flag(&security.forged_transmits),
            allow_mac_changes: flag(&security.mac_changes),
            lacp_enabled: flag(&lacp.enable),
            lacp_mode: word(&lacp.mode),
            ingress_shaping_enabled: flag(&ingress.enabled),
            ingress_shaping_average_bandwidth: long(&ingress.average_bandwidth),
            ingress_shaping_peak_bandwidth: long(&ingress.peak_bandwidth),
            ingress_shaping_burst_size: long(&ingress.burst_size),
            egress_shaping_enabled: flag(&egress.enabled),
            egress_shaping_average_bandwidth: long(&egress.average_bandwidth),
            egress_shaping_peak_bandwidth: long(&egress.peak_bandwidth),
            egress_shaping_burst_size: long(&egress.burst_size),
            block_all_ports: flag(&setting.base.blocked),
            netflow_enabled: flag(&setting.ipfix_enabled),
            tx_uplink: flag(&setting.tx_uplink),
            directpath_gen2_allowed: flag(&setting.base.vm_direct_path_gen2_allowed),
            vlan_range: Value::Known(vec![]),
            ..Self::default()
        };
        match setting.vlan.as_deref() {
            Some(VmwareDistributedVirtualSwitchVlanSpecKind::VmwareDistributedVirtualSwitchVlanIdSpec(v)) => {
                out.vlan_id = i64::from(v.vlan_id).into();
            }
            Some(VmwareDistributedVirtualSwitchVlanSpecKind::VmwareDistributedVirtualSwitchPvlanSpec(v)) => {
                out.port_private_secondary_vlan_id = i64::from(v.pvlan_id).into();
            }
            Some(
                VmwareDistributedVirtualSwitchVlanSpecKind::VmwareDistributedVirtualSwitchTrunkVlanSpec(v),
            ) => {
                let range = |r: &NumericRange| VlanRange {
                    min_vlan: i64::from(r.start).into(),
                    max_vlan: i64::from(r.end).into(),
                };
                out.vlan_range = v.vlan_id.iter().map(range).collect::<Vec<_>>().into();
            }
            _ => {}
        }
        out
    }
}

fn vlan_spec(vlan: Vlan) -> VmwareDistributedVirtualSwitchVlanSpecKind {
    let id = |n: i64| i32::try_from(n).unwrap_or_default();
    match vlan {
        Vlan::Id(n) => VmwareDistributedVirtualSwitchVlanIdSpec {
            vlan_id: id(n),
            ..VmwareDistributedVirtualSwitchVlanIdSpec::default()
        }
        .into(),
        Vlan::Private(n) => VmwareDistributedVirtualSwitchPvlanSpec {
            pvlan_id: id(n),
            ..VmwareDistributedVirtualSwitchPvlanSpec::default()
        }
        .into(),
        Vlan::Trunk(ranges) => VmwareDistributedVirtualSwitchTrunkVlanSpec {
            vlan_id: ranges.into_iter().map(|(a, b)| NumericRange { start: id(a), end: id(b) }).collect(),
            ..VmwareDistributedVirtualSwitchTrunkVlanSpec::default()
        }
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> M {
        M {
            vlan_id: 100.into(),
            vlan_range: Value::Known(vec![]),
            check_beacon: false.into(),
            active_uplinks: vec!["up1".to_owned()].into(),
            standby_uplinks: vec!["up2".to_owned()].into(),
            teaming_policy: "failover_explicit".into(),
            notify_switches: true.into(),
            failback: false.into(),
            allow_promiscuous: true.into(),
            allow_forged_transmits: false.into(),
            allow_mac_changes: true.into(),
            lacp_enabled: true.into(),
            lacp_mode: "active".into(),
            ingress_shaping_enabled: true.into(),
            ingress_shaping_average_bandwidth: 1.into(),
            ingress_shaping_peak_bandwidth: 2.into(),
            ingress_shaping_burst_size: 3.into(),
            egress_shaping_enabled: false.into(),
            egress_shaping_average_bandwidth: 4.into(),
            egress_shaping_peak_bandwidth: 5.into(),
            egress_shaping_burst_size: 6.into(),
            block_all_ports: false.into(),
            netflow_enabled: true.into(),
            tx_uplink: false.into(),
            directpath_gen2_allowed: false.into(),
            ..M::default()
        }
    }

    fn seen(m: &M) -> M {
        m.changed(None, true).map(|s| M::observed(Some(&s.into()))).unwrap_or_default()
    }

    #[test]
    fn policy_is_read_as_it_was_written() {
        assert_eq!(seen(&full()), full());
        let private = M { vlan_id: Value::Null, port_private_secondary_vlan_id: 7.into(), ..full() };
        assert_eq!(seen(&private), private);
        let range = |min: i64, max: i64| VlanRange { min_vlan: min.into(), max_vlan: max.into() };
        let trunk =
            M { vlan_id: Value::Null, vlan_range: Value::Known(vec![range(1, 9), range(20, 30)]), ..full() };
        assert_eq!(seen(&trunk), trunk);
    }

    #[test]
    fn only_what_changes_is_sent() {
        assert_eq!(full().changed(Some(&full()), true), None);
        let plan = M { allow_promiscuous: false.into(), standby_uplinks: vec![].into(), ..full() };
        let sent = plan.changed(Some(&full()), true).unwrap();
        let security = sent.security_policy.unwrap();
        assert_eq!(security.allow_promiscuous.unwrap().value, Some(false));
        assert_eq!((security.mac_changes, security.forged_transmits), (None, None));
        let order = sent.uplink_teaming_policy.unwrap().uplink_port_order.unwrap();
        assert_eq!((order.active_uplink_port.len(), order.standby_uplink_port.len()), (1, 0));
        assert_eq!((sent.vlan, sent.lacp_policy, sent.tx_uplink), (None, None, None));
    }

    #[test]
    fn what_is_unknown_is_left_to_vcenter() {
        let new = M { vlan_id: Value::Unknown, failback: Value::Unknown, ..M::default() };
        assert_eq!(new.changed(None, true), None);
        let group = M { lacp_enabled: true.into(), ..M::default() };
        assert_eq!(group.changed(None, false), None);
    }
}
