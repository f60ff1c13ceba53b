//! Switches and port groups of a host: their IDs, their policy as the API has it, and the host's management network.
use super::host_policy::HostPolicy;
use crate::common::lookup;
use crate::common::moid::{Host, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::sync::Arc;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, PlanCx, Resource, Result, Value};
use vsphere_client::host_network::HostNetwork;
use vsphere_client::vim::types::{
    HostNetworkPolicy, HostNetworkSecurityPolicy, HostNetworkTrafficShapingPolicy, HostNicFailureCriteria,
    HostNicOrderPolicy, HostNicTeamingPolicy,
};

/// The values of `teaming_policy`.
pub const TEAMING: &[&str] =
    &["loadbalance_ip", "loadbalance_srcmac", "loadbalance_srcid", "failover_explicit"];

/// Kept beside a state in which `failback` has its meaning. The official provider always enables failback, and writes the
/// opposite to the state.
pub const FAILBACK_IS_TRUE: &str = "failback";

/// The attribute that names the host, in all types.
pub const HOST: Field = Field("host_system_id");

/// The ID in a state, which the official provider composes of a prefix, the host and the name.
pub fn id(prefix: &str, host: &str, name: &str) -> String {
    format!("{prefix}:{host}:{name}")
}

/// The host (its ID or its path) and the name of an import ID, which may have the prefix of a state's ID. Pure.
fn split<'a>(prefix: &str, id: &'a str) -> Option<(&'a str, &'a str)> {
    let rest = id.strip_prefix(prefix).and_then(|r| r.strip_prefix(':')).unwrap_or(id);
    // Names may contain a colon; IDs of hosts do not.
    let (host, name) = if rest.starts_with('/') { rest.rsplit_once(':')? } else { rest.split_once(':')? };
    (!host.is_empty() && !name.is_empty()).then_some((host, name))
}

/// The host and the name that an import ID refers to.
///
/// # Errors
/// An ID of another form, or a host that does not exist.
pub async fn imported(vsphere: &Vsphere, prefix: &str, id: &str) -> Result<(String, String)> {
    let Some((host, name)) = split(prefix, id) else {
        let detail = "It does not consist of a host and a name, joined by a colon.";
        return Err(Diagnostics::error(AttributePath::root(), format!("Invalid import ID {id:?}"), detail));
    };
    let host = lookup::imported(vsphere, host, "HostSystem").await?;
    Ok((host.id.to_string(), name.to_owned()))
}

/// The network of a host; nothing where the host does not exist.
///
/// # Errors
/// Why it cannot be read.
pub async fn network(vsphere: &Vsphere, host: &str) -> Result<Option<Arc<HostNetwork>>> {
    match vsphere.api.host_networks().get(&MoId::<Host>::object(host)).await {
        Err(e) if e.is_not_found() => Ok(None),
        read => {
            read.doing(format!("read the network configuration of {}", MoId::<Host>::object(host))).map(Some)
        }
    }
}

/// Warns where a change affects the network that a host is managed by. `what` is the changed object in a sentence, and
/// `why` says what the plan does. A host that cannot be read is not a reason to stop.
pub async fn management_warning(
    vsphere: &Vsphere,
    host: &str,
    at: impl Into<AttributePath>,
    what: &str,
    why: &str,
    affects: impl Fn(&vsphere_client::host_network::ManagementNic) -> bool,
) -> Diagnostics {
    let Ok(Some(network)) = network(vsphere, host).await else { return Diagnostics::default() };
    let nics: Vec<String> = network.management().into_iter().filter(affects).map(|n| n.device).collect();
    if nics.is_empty() {
        return Diagnostics::default();
    }
    let detail = format!(
        "vCenter manages {} by {}, which {} {what}. {why} If the host cannot be reached afterwards, vCenter cannot undo the \
         change. Move the management network to another switch first, or check that it stays connected.",
        MoId::<Host>::object(host),
        nics.join(", "),
        if nics.len() == 1 { "uses" } else { "use" },
    );
    Diagnostics::warning(at, "Host may lose its management network", detail)
}

/// Checks the host of something new: it has to exist.
///
/// # Errors
/// It does not, for the attribute `at`.
pub async fn there(vsphere: &Vsphere, id: &Value<String>, at: Field) -> Result<()> {
    match id.known() {
        Some(id) => lookup::exists(vsphere, &MoId::<Host>::object(id), at).await,
        None => Ok(()),
    }
}

/// The `failback` that an update sends: in a state that the official provider wrote, it is the opposite of what the host
/// has, until the configuration sets it.
pub fn sent_failback<R: Resource>(
    cx: &Cx<'_, R>,
    configured: impl Fn(&R::Model) -> &Value<bool>,
    planned: &Value<bool>,
) -> Value<bool> {
    if cx.private(FAILBACK_IS_TRUE).is_none() {
        if cx.config().is_some_and(|c| configured(c).is_null()) {
            return planned.known().map(|f| !f).into();
        }
        cx.set_private(FAILBACK_IS_TRUE, true.into());
    }
    *planned
}

/// Warns where a configuration disables failback and the official provider, which wrote the state, has not done so.
pub fn failback_warning<R: Resource>(
    cx: &mut PlanCx<'_, R>,
    at: Field,
    wanted: &Value<bool>,
    state: &Value<bool>,
) {
    let off = |v: &Value<bool>| v.known() == Some(&false);
    if cx.private(FAILBACK_IS_TRUE).is_none() && off(wanted) && off(state) {
        let detail = "The official provider, which wrote the state, does not disable failback: the host still uses it. It is \
                      disabled with the next change of this resource.";
        cx.warn(at, "Failback is still enabled", detail);
    }
}

impl HostPolicy {
    /// The policy of a switch or port group.
    pub fn read(policy: &HostNetworkPolicy) -> Self {
        let (security, teaming, shaping) = (
            policy.security.as_deref().cloned().unwrap_or_default(),
            policy.nic_teaming.as_deref().cloned().unwrap_or_default(),
            policy.shaping_policy.as_deref().cloned().unwrap_or_default(),
        );
        let order = teaming.nic_order.map(|o| *o);
        Self {
            check_beacon: teaming.failure_criteria.and_then(|f| f.check_beacon),
            active_nics: order.as_ref().map(|o| o.active_nic.clone()),
            standby_nics: order.map(|o| o.standby_nic),
            teaming_policy: teaming.policy.filter(|p| !p.is_empty()),
            notify_switches: teaming.notify_switches,
            failback: teaming.rolling_order.map(|r| !r),
            allow_promiscuous: security.allow_promiscuous,
            allow_forged_transmits: security.forged_transmits,
            allow_mac_changes: security.mac_changes,
            shaping_enabled: shaping.enabled,
            shaping_average_bandwidth: shaping.average_bandwidth,
            shaping_burst_size: shaping.burst_size,
            shaping_peak_bandwidth: shaping.peak_bandwidth,
        }
    }

    /// The policy for the API. `base` is the existing one, whose other properties stay. What is not set is inherited.
    pub fn write(&self, base: HostNetworkPolicy) -> HostNetworkPolicy {
        let nics = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let order =
            HostNicOrderPolicy { active_nic: nics(&self.active_nics), standby_nic: nics(&self.standby_nics) };
        let policy = self.teaming_policy.clone().filter(|p| !p.is_empty());
        let number = |n: Option<i64>| n.filter(|n| *n != 0);
        HostNetworkPolicy {
            security: Some(Box::new(HostNetworkSecurityPolicy {
                allow_promiscuous: self.allow_promiscuous,
                mac_changes: self.allow_mac_changes,
                forged_transmits: self.allow_forged_transmits,
            })),
            nic_teaming: Some(Box::new(HostNicTeamingPolicy {
                // The API has kept these without a use of its own, and hosts expect them beside the others.
                reverse_policy: policy.is_some().then_some(true),
                failure_criteria: Some(Box::new(match self.check_beacon {
                    None => HostNicFailureCriteria::default(),
                    Some(check) => HostNicFailureCriteria {
                        check_speed: Some("minimum".to_owned()),
                        speed: Some(10),
                        check_duplex: Some(false),
                        full_duplex: Some(false),
                        check_error_percent: Some(false),
                        percentage: Some(0),
                        check_beacon: Some(check),
                    },
                })),
                policy,
                notify_switches: self.notify_switches,
                rolling_order: self.failback.map(|f| !f),
                nic_order: (order != HostNicOrderPolicy::default()).then(|| Box::new(order)),
            })),
            shaping_policy: Some(Box::new(HostNetworkTrafficShapingPolicy {
                enabled: self.shaping_enabled,
                average_bandwidth: number(self.shaping_average_bandwidth),
                peak_bandwidth: number(self.shaping_peak_bandwidth),
                burst_size: number(self.shaping_burst_size),
            })),
            ..base
        }
    }
}

/// The policy in a model with an attribute for each of its members, in both directions.
macro_rules! policy_of_model {
    ($model:ty) => {
        impl $model {
            /// The policy as plain values.
            fn policy(&self) -> $crate::network::common::host_policy::HostPolicy {
                $crate::network::common::host_policy::HostPolicy {
                    check_beacon: self.check_beacon.known().copied(),
                    active_nics: self.active_nics.known().cloned(),
                    standby_nics: self.standby_nics.known().cloned(),
                    teaming_policy: self.teaming_policy.known().cloned(),
                    notify_switches: self.notify_switches.known().copied(),
                    failback: self.failback.known().copied(),
                    allow_promiscuous: self.allow_promiscuous.known().copied(),
                    allow_forged_transmits: self.allow_forged_transmits.known().copied(),
                    allow_mac_changes: self.allow_mac_changes.known().copied(),
                    shaping_enabled: self.shaping_enabled.known().copied(),
                    shaping_average_bandwidth: self.shaping_average_bandwidth.known().copied(),
                    shaping_burst_size: self.shaping_burst_size.known().copied(),
                    shaping_peak_bandwidth: self.shaping_peak_bandwidth.known().copied(),
                }
            }

            /// The model with another policy.
            fn with_policy(self, policy: $crate::network::common::host_policy::HostPolicy) -> Self {
                Self {
                    check_beacon: policy.check_beacon.into(),
                    active_nics: policy.active_nics.into(),
                    standby_nics: policy.standby_nics.into(),
                    teaming_policy: policy.teaming_policy.into(),
                    notify_switches: policy.notify_switches.into(),
                    failback: policy.failback.into(),
                    allow_promiscuous: policy.allow_promiscuous.into(),
                    allow_forged_transmits: policy.allow_forged_transmits.into(),
                    allow_mac_changes: policy.allow_mac_changes.into(),
                    shaping_enabled: policy.shaping_enabled.into(),
                    shaping_average_bandwidth: policy.shaping_average_bandwidth.into(),
                    shaping_burst_size: policy.shaping_burst_size.into(),
                    shaping_peak_bandwidth: policy.shaping_peak_bandwidth.into(),
                    ..self
                }
            }
        }
    };
}
pub(crate) use policy_of_model;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_ids_have_a_host_and_a_name() {
        let of = |id: &'static str| split("tf-HostPortGroup", id);
        assert_eq!(of("tf-HostPortGroup:host-10:VM Network"), Some(("host-10", "VM Network")));
        assert_eq!(of("host-10:a:b"), Some(("host-10", "a:b")));
        assert_eq!(of("/dc1/host/c1/esx1:web"), Some(("/dc1/host/c1/esx1", "web")));
        assert_eq!(of("host-10"), None);
        assert_eq!(of("host-10:"), None);
        assert_eq!(of(":web"), None);
    }

    #[test]
    fn a_policy_is_read_as_it_was_written() {
        let policy = HostPolicy {
            check_beacon: Some(true),
            active_nics: Some(vec!["vmnic0".into()]),
            standby_nics: Some(vec![]),
            teaming_policy: Some("failover_explicit".into()),
            notify_switches: Some(false),
            failback: Some(false),
            allow_promiscuous: Some(true),
            allow_forged_transmits: Some(false),
            allow_mac_changes: Some(false),
            shaping_enabled: Some(true),
            shaping_average_bandwidth: Some(1),
            shaping_burst_size: Some(2),
            shaping_peak_bandwidth: Some(3),
        };
        let written = policy.write(HostNetworkPolicy::default());
        assert_eq!(written.nic_teaming.as_ref().and_then(|t| t.rolling_order), Some(true));
        assert_eq!(HostPolicy::read(&written), policy);
        // What is inherited is not sent, and replaces what was there.
        let inherited = HostPolicy::default();
        assert_eq!(HostPolicy::read(&inherited.write(written)), inherited);
    }

    #[test]
    fn other_properties_of_a_policy_stay() {
        let base = HostNetworkPolicy { offload_policy: Some(Box::default()), ..HostNetworkPolicy::default() };
        assert!(HostPolicy::default().write(base).offload_policy.is_some());
    }
}
