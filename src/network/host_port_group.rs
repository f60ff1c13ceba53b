//! `vsphere_host_port_group`
use crate::common::moid::{Host, MoId};
use crate::fault::{Doing, or_absent, or_import};
use crate::network::common::host::{self, FAILBACK_IS_TRUE, policy_of_model};
use crate::network::common::host_policy::HostPolicy;
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{
    AttributePath, Cx, DestroyCx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value,
};
use vsphere_client::FaultKind;
use vsphere_client::host_network::ManagementNic;
use vsphere_client::vim::types::{HostPortGroup as Group, HostPortGroupSpec};

/// Manages a port group on a standard switch.
///
/// Policy arguments that are not set are inherited from the switch. The effective policy is available as
/// `computed_policy`. A plan shows a warning if it changes or deletes the port group of the management network of the
/// host.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_host_port_group", category = "Networking")]
pub struct HostPortGroupModel {
    /// The ID, such as `tf-HostPortGroup:host-10:web`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the port group.
    #[tf(required, force_new)]
    pub name: Value<String>,
    /// The managed object ID of the host, such as `host-10`.
    #[tf(required, force_new, form = MoId::<Host>::form)]
    pub host_system_id: Value<String>,
    /// The name of the standard switch.
    #[tf(required, force_new)]
    pub virtual_switch_name: Value<String>,
    /// The VLAN ID: `0` for no VLAN tagging, `1` to `4094` for a VLAN, or `4095` for all VLANs (virtual guest tagging).
    #[tf(optional, default = 0, range(0, 4095))]
    pub vlan_id: Value<i64>,
    /// The names of the active physical adapters, in order of preference.
    #[tf(optional)]
    pub active_nics: Value<Vec<String>>,
    /// The names of the standby physical adapters, which replace failed active adapters, in order of preference.
    #[tf(optional)]
    pub standby_nics: Value<Vec<String>>,
    /// The load balancing policy for the physical adapters: `loadbalance_srcid` (originating virtual port),
    /// `loadbalance_srcmac` (source MAC hash), `loadbalance_ip` (IP hash) or `failover_explicit` (explicit failover
    /// order).
    #[tf(optional, one_of_in = host::TEAMING)]
    pub teaming_policy: Value<String>,
    /// Whether to use beacon probing, in addition to the link status, to detect failures.
    #[tf(optional)]
    pub check_beacon: Value<bool>,
    /// Whether to notify physical switches of a failover.
    #[tf(optional)]
    pub notify_switches: Value<bool>,
    /// Whether a physical adapter becomes active again after it recovers from a failure. The official provider records
    /// the inverse of this setting in its state and always enables failback. After a switch from the official provider,
    /// the state contains that inverse value until the next change of the port group.
    #[tf(optional)]
    pub failback: Value<bool>,
    /// Whether to allow promiscuous mode, in which a virtual machine receives all traffic on the port group.
    #[tf(optional)]
    pub allow_promiscuous: Value<bool>,
    /// Whether to allow outbound frames with a source MAC address that differs from that of the network interface.
    #[tf(optional)]
    pub allow_forged_transmits: Value<bool>,
    /// Whether to allow guests to change the MAC address of a network interface.
    #[tf(optional)]
    pub allow_mac_changes: Value<bool>,
    /// Whether to enable traffic shaping for outbound traffic.
    #[tf(optional)]
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
    /// The effective policy of the port group, including settings that are inherited from the switch. The keys are the
    /// names of the policy arguments and the values are strings. Lists are flattened: `active_nics.#`, `active_nics.0`.
    #[tf(computed, volatile)]
    pub computed_policy: Value<BTreeMap<String, String>>,
    /// The key of the port group on the host.
    #[tf(computed)]
    pub key: Value<String>,
    /// The ports of the port group that are in use.
    #[tf(computed, volatile)]
    pub ports: Value<Vec<Port>>,
}

/// A port that is in use.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Port {
    /// The key of the port.
    #[tf(computed)]
    pub key: Value<String>,
    /// The MAC addresses of the network interfaces that are connected to the port.
    #[tf(computed)]
    pub mac_addresses: Value<Vec<String>>,
    /// The type of the entity that is connected to the port: `host` (a VMkernel adapter), `systemManagement`,
    /// `virtualMachine` or `unknown`.
    #[tf(computed)]
    pub r#type: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct HostPortGroup;

type M = HostPortGroupModel;

policy_of_model!(M);

const PREFIX: &str = "tf-HostPortGroup";

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!(
            "the port group {:?} of {}",
            self.name.as_str(),
            MoId::<Host>::object(self.host_system_id.as_str())
        )
    }

    /// The specification for the API. `base` is the existing one, whose other properties stay.
    fn spec(&self, base: HostPortGroupSpec) -> HostPortGroupSpec {
        HostPortGroupSpec {
            name: self.name.get(),
            vlan_id: i32::try_from(self.vlan_id.get()).unwrap_or_default(),
            vswitch_name: self.virtual_switch_name.get(),
            policy: self.policy().write(base.policy),
        }
    }

    /// With what the host reports. `official`: the official provider wrote the state, so that `failback` is inverted.
    fn observed(self, group: &Group, official: bool) -> Self {
        let invert = |p: HostPolicy| if official { p.with_inverted_failback() } else { p };
        let port = |p: &vsphere_client::vim::types::HostPortGroupPort| Port {
            key: p.key.clone().into(),
            mac_addresses: p.mac.clone().into(),
            r#type: p.r#type.clone().into(),
        };
        let this = self.with_policy(invert(HostPolicy::read(&group.spec.policy)));
        Self {
            vlan_id: i64::from(group.spec.vlan_id).into(),
            virtual_switch_name: group.spec.vswitch_name.clone().into(),
            computed_policy: invert(HostPolicy::read(&group.computed_policy)).flat().into(),
            key: group.key.clone().into(),
            ports: group.port.iter().map(port).collect::<Vec<_>>().into(),
            ..this
        }
    }
}

impl Resource for HostPortGroup {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object ID or the inventory path of the host and the name of the port group, such as \
                                  tf-HostPortGroup:host-10:web or /dc1/host/c1/esx1:web";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(vsphere) = cx.client else { return Ok(()) };
        let Some(prior) = cx.prior else {
            return host::there(vsphere, &planned.host_system_id, M::HOST_SYSTEM_ID).await;
        };
        host::failback_warning(cx, M::FAILBACK, &cx.config.failback, &prior.failback);
        let (why, at) = if cx.is_replacement() {
            ("The plan deletes it before it creates another one.".to_owned(), AttributePath::root())
        } else if planned.vlan_id != prior.vlan_id {
            let vlan = planned.vlan_id.known().map_or_else(|| "another one".to_owned(), i64::to_string);
            (format!("The plan changes its VLAN to {vlan}."), M::VLAN_ID.into())
        } else if planned.active_nics != prior.active_nics || planned.standby_nics != prior.standby_nics {
            ("The plan changes its adapters.".to_owned(), M::ACTIVE_NICS.into())
        } else {
            return Ok(());
        };
        let found = warning(vsphere, prior, at, &why).await;
        cx.finish(found)
    }

    async fn plan_destroy(&self, cx: &DestroyCx<'_, Vsphere>, state: &M) -> Result<Diagnostics> {
        let Some(vsphere) = cx.client else { return Ok(Diagnostics::default()) };
        Ok(warning(vsphere, state, AttributePath::root(), "The plan deletes it.").await)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(plan.host_system_id.as_str()));
        let spec = plan.spec(HostPortGroupSpec::default());
        let made = vsphere.api.host_networks().add_port_group(&on, spec).await;
        let id = host::id(PREFIX, &on.id, plan.name.as_str());
        or_import(made.doing_to(format!("create {}", plan.title()), blame), &id)?;
        cx.set_private(FAILBACK_IS_TRUE, true.into());
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let Some(network) = host::network(cx.client(), state.host_system_id.as_str()).await? else {
            return Ok(None);
        };
        let Some(group) = network.port_group(state.name.as_str()) else { return Ok(None) };
        let id = host::id(PREFIX, state.host_system_id.as_str(), state.name.as_str());
        let official = cx.private(FAILBACK_IS_TRUE).is_none();
        Ok(Some(M { id: id.into(), ..state }.observed(group, official)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(plan.host_system_id.as_str()));
        let network = host::network(vsphere, &on.id).await?;
        let base = network.and_then(|n| n.port_group(plan.name.as_str()).map(|g| g.spec.clone()));
        let failback = host::sent_failback(cx, |c| &c.failback, &plan.failback);
        let spec = M { failback, ..plan.clone() }.spec(base.unwrap_or_default());
        let done = vsphere.api.host_networks().update_port_group(&on, plan.name.as_str(), spec).await;
        done.doing_to(format!("change {}", prior.title()), blame)?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, on) = (cx.client(), MoId::<Host>::object(state.host_system_id.as_str()));
        let done = vsphere.api.host_networks().remove_port_group(&on, state.name.as_str()).await;
        or_absent(done).doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let (on, name) = host::imported(cx.client(), PREFIX, id).await?;
        cx.set_private(FAILBACK_IS_TRUE, true.into());
        let id = host::id(PREFIX, &on, &name);
        Ok(M { id: id.into(), host_system_id: on.into(), name: name.into(), ..M::default() })
    }
}

/// Warns where a plan affects the management network of the host.
async fn warning(vsphere: &Vsphere, group: &M, at: AttributePath, why: &str) -> Diagnostics {
    let name = group.name.as_str();
    let what = format!("the port group {name:?}");
    let on = |n: &ManagementNic| n.port_group == name;
    host::management_warning(vsphere, group.host_system_id.as_str(), at, &what, why, on).await
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::AlreadyExists { .. } | FaultKind::DuplicateName { .. } => Some(M::NAME),
        FaultKind::NotFound => Some(M::VIRTUAL_SWITCH_NAME),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::HOST_SYSTEM_ID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> M {
        M {
            name: "web".into(),
            host_system_id: "host-10".into(),
            virtual_switch_name: "vSwitch1".into(),
            vlan_id: 100.into(),
            allow_promiscuous: true.into(),
            ..M::default()
        }
    }

    #[test]
    fn what_is_not_set_is_inherited() {
        let asked = asked();
        let group = Group { spec: asked.spec(HostPortGroupSpec::default()), ..Group::default() };
        let security = group.spec.policy.security.clone().unwrap_or_default();
        assert_eq!((security.allow_promiscuous, security.forged_transmits), (Some(true), None));
        let seen = asked.clone().observed(&group, false);
        assert_eq!(seen.policy(), asked.policy());
        assert_eq!((seen.vlan_id.get(), seen.virtual_switch_name.as_str()), (100, "vSwitch1"));
    }

    #[test]
    fn failback_of_an_official_state_is_inverted() {
        let group = Group {
            spec: M { failback: true.into(), ..asked() }.spec(HostPortGroupSpec::default()),
            ..Group::default()
        };
        assert_eq!(asked().observed(&group, false).failback, true.into());
        assert_eq!(asked().observed(&group, true).failback, false.into());
    }
}
