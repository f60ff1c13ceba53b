//! `vsphere_distributed_port_group`
use crate::common::adopt::create_or_adopt_named;
use crate::common::labels::Labels;
use crate::common::{entity, names, resolve};
use crate::fault::{Doing, or_absent};
use crate::network::common::port_policy::PortPolicy;
use crate::network::common::switch;
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::vim::types::{
    DVPortgroupConfigInfo, DVPortgroupConfigSpec, DVPortgroupPolicyKind, VMwareDVSPortgroupPolicy,
};
use vsphere_client::{FaultKind, MoRef, custom_fields, readable, same_name};

/// Manages a distributed port group on a distributed switch.
///
/// Policy arguments that are not set are inherited from the switch. An apply sends only the settings that the plan
/// changes, so that all others remain inherited.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_distributed_port_group", category = "Networking")]
pub struct DistributedPortGroupModel {
    /// The managed object ID of the port group, such as `dvportgroup-15`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the port group. Changing this renames the port group in place.
    #[tf(required, length(1, 80), same = names::same)]
    pub name: Value<String>,
    /// The UUID of the distributed switch.
    #[tf(required, force_new)]
    pub distributed_virtual_switch_uuid: Value<String>,
    /// The description of the port group.
    #[tf(optional)]
    pub description: Value<String>,
    /// The port binding: `earlyBinding` (static binding: a port is assigned when a network interface is connected) or
    /// `ephemeral` (a port is assigned when the virtual machine is powered on).
    #[tf(optional, default = "earlyBinding", one_of("earlyBinding", "ephemeral"))]
    pub r#type: Value<String>,
    /// The number of ports in the port group.
    #[tf(optional, computed, at_least = 0)]
    pub number_of_ports: Value<i64>,
    /// Whether to add ports automatically when all ports are in use.
    #[tf(optional, default = true)]
    pub auto_expand: Value<bool>,
    /// The name format for ports, such as `<portgroupName>-<portIndex>`.
    #[tf(optional)]
    pub port_name_format: Value<String>,
    /// The key of the network resource pool. Set to `-1` for none.
    #[tf(optional, default = "-1")]
    pub network_resource_pool_key: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub policy: PortPolicy,
    /// Whether individual ports can override the block policy.
    #[tf(optional)]
    pub block_override_allowed: Value<bool>,
    /// Whether a connected port can be moved into or out of the port group.
    #[tf(optional)]
    pub live_port_moving_allowed: Value<bool>,
    /// Whether individual ports can override the network resource pool.
    #[tf(optional)]
    pub network_resource_pool_override_allowed: Value<bool>,
    /// Whether to reset the configuration of a port to the settings of the port group when the port is disconnected.
    #[tf(optional)]
    pub port_config_reset_at_disconnect: Value<bool>,
    /// Whether individual ports can override the traffic shaping policy.
    #[tf(optional)]
    pub shaping_override_allowed: Value<bool>,
    /// Whether individual ports can override the traffic filters.
    #[tf(optional)]
    pub traffic_filter_override_allowed: Value<bool>,
    /// Whether individual ports can override the NetFlow policy.
    #[tf(optional)]
    pub netflow_override_allowed: Value<bool>,
    /// Whether individual ports can override the security policy.
    #[tf(optional)]
    pub security_policy_override_allowed: Value<bool>,
    /// Whether individual ports can override the uplink teaming policy.
    #[tf(optional)]
    pub uplink_teaming_override_allowed: Value<bool>,
    /// Whether individual ports can override the VLAN policy.
    #[tf(optional)]
    pub vlan_override_allowed: Value<bool>,
    /// The key of the port group, such as `dvportgroup-15`.
    #[tf(computed)]
    pub key: Value<String>,
    /// The version of the configuration, which changes with every change to the port group.
    #[tf(computed, volatile)]
    pub config_version: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub labels: Labels,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The type of the object.
const TYPE: &str = "DistributedVirtualPortgroup";

/// The resource.
#[derive(Debug, Default)]
pub struct DistributedPortGroup;

type M = DistributedPortGroupModel;

impl M {
    fn object(&self) -> MoRef {
        MoRef::new(TYPE, self.id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the distributed port group {:?}", self.name.as_str())
    }

    /// What ports may have of their own. `base` is the existing policy, whose other properties stay.
    fn overrides(&self, base: VMwareDVSPortgroupPolicy) -> VMwareDVSPortgroupPolicy {
        // Those of later versions are sent if they are set.
        let later = |v: &Value<bool>, was: Option<bool>| v.known().copied().or(was);
        let mut out = base;
        out.base.block_override_allowed = self.block_override_allowed.get();
        out.base.shaping_override_allowed = self.shaping_override_allowed.get();
        out.base.live_port_moving_allowed = self.live_port_moving_allowed.get();
        out.base.port_config_reset_at_disconnect = self.port_config_reset_at_disconnect.get();
        out.base.network_resource_pool_override_allowed = later(
            &self.network_resource_pool_override_allowed,
            out.base.network_resource_pool_override_allowed,
        );
        out.base.traffic_filter_override_allowed =
            later(&self.traffic_filter_override_allowed, out.base.traffic_filter_override_allowed);
        out.vlan_override_allowed = self.vlan_override_allowed.get();
        out.uplink_teaming_override_allowed = self.uplink_teaming_override_allowed.get();
        out.security_policy_override_allowed = self.security_policy_override_allowed.get();
        out.ipfix_override_allowed = later(&self.netflow_override_allowed, out.ipfix_override_allowed);
        out
    }

    /// The specification of what differs from `prior`; for a new port group, of all that is set. `now` is the existing
    /// configuration.
    fn spec(&self, prior: Option<&Self>, now: &DVPortgroupConfigInfo) -> DVPortgroupConfigSpec {
        let none = Self::default();
        let before = prior.unwrap_or(&none);
        // A text that is no longer set is sent empty.
        let text =
            |new: &Value<String>, old: &Value<String>| (new.as_str() != old.as_str()).then(|| new.get());
        let existing = match &now.policy {
            DVPortgroupPolicyKind::VMwareDVSPortgroupPolicy(policy) => (**policy).clone(),
            _ => VMwareDVSPortgroupPolicy::default(),
        };
        let overrides = self.overrides(existing.clone());
        let ports = self.number_of_ports.known().filter(|_| self.number_of_ports != before.number_of_ports);
        DVPortgroupConfigSpec {
            name: (!same_name(self.name.as_str(), before.name.as_str())).then(|| self.name.get()),
            description: text(&self.description, &before.description),
            r#type: text(&self.r#type, &before.r#type),
            num_ports: ports.map(|n| i32::try_from(*n).unwrap_or_default()),
            auto_expand: (self.auto_expand != before.auto_expand).then(|| self.auto_expand.get()),
            port_name_format: text(&self.port_name_format, &before.port_name_format),
            vm_vnic_network_resource_pool_key: text(
                &self.network_resource_pool_key,
                &before.network_resource_pool_key,
            ),
            default_port_config: self
                .policy
                .changed(prior.map(|p| &p.policy), false)
                .map(|setting| Box::new(setting.into())),
            policy: (prior.is_none() || overrides != existing).then(|| Box::new(overrides.into())),
            ..DVPortgroupConfigSpec::default()
        }
    }

    /// With what vCenter reports.
    fn observed(self, config: &DVPortgroupConfigInfo) -> Self {
        let overrides = match &config.policy {
            DVPortgroupPolicyKind::VMwareDVSPortgroupPolicy(policy) => (**policy).clone(),
            _ => VMwareDVSPortgroupPolicy::default(),
        };
        Self {
            name: readable(&config.name).into_owned().into(),
            description: config.description.clone().into(),
            r#type: config.r#type.clone().into(),
            number_of_ports: i64::from(config.num_ports).into(),
            auto_expand: config.auto_expand.into(),
            port_name_format: config.port_name_format.clone().into(),
            network_resource_pool_key: config.vm_vnic_network_resource_pool_key.clone().into(),
            policy: PortPolicy::observed(config.default_port_config.as_deref()),
            block_override_allowed: overrides.base.block_override_allowed.into(),
            live_port_moving_allowed: overrides.base.live_port_moving_allowed.into(),
            network_resource_pool_override_allowed: overrides
                .base
                .network_resource_pool_override_allowed
                .into(),
            port_config_reset_at_disconnect: overrides.base.port_config_reset_at_disconnect.into(),
            shaping_override_allowed: overrides.base.shaping_override_allowed.into(),
            traffic_filter_override_allowed: overrides.base.traffic_filter_override_allowed.into(),
            netflow_override_allowed: overrides.ipfix_override_allowed.into(),
            security_policy_override_allowed: overrides.security_policy_override_allowed.into(),
            uplink_teaming_override_allowed: overrides.uplink_teaming_override_allowed.into(),
            vlan_override_allowed: overrides.vlan_override_allowed.into(),
            key: config.key.clone().into(),
            config_version: config.config_version.clone().into(),
            ..self
        }
    }
}

impl Resource for DistributedPortGroup {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str =
        "the inventory path, such as /dc1/network/web, or by the managed object ID, such as dvportgroup-15";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        Labels::plan(cx, TYPE, planned).await?;
        PortPolicy::plan(&cx.config.policy, cx.prior.map(|p| &p.policy), planned);
        if cx.is_replacement() {
            return Ok(());
        }
        let Some(vsphere) = cx.client else { return Ok(()) };
        if let (None, Some(uuid)) = (cx.prior, planned.distributed_virtual_switch_uuid.known()) {
            switch::there(vsphere, uuid, M::DISTRIBUTED_VIRTUAL_SWITCH_UUID).await?;
        }
        let found = planned.labels.check(vsphere, TYPE, cx.prior.map(|p| &p.labels)).await;
        cx.finish(found)
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (vsphere, timeout) = (cx.client(), cx.timeout(cx.client().timeout));
        plan.labels.before_create(vsphere, TYPE).await?;
        let uuid = plan.distributed_virtual_switch_uuid.as_str();
        let on = switch::there(vsphere, uuid, M::DISTRIBUTED_VIRTUAL_SWITCH_UUID).await?;
        let spec = plan.spec(None, &DVPortgroupConfigInfo::default());
        let switches = vsphere.api.distributed_switches();
        let look = || async { switches.port_group(&on, plan.name.as_str()).await };
        let make = async { switches.create_port_group(&on, spec, timeout, cx.cancel()).await };
        let made = create_or_adopt_named(cx, &plan.title(), look, make).await;
        let made = made.doing_to(format!("create {}", plan.title()), blame)?;
        let plan = M { id: made.id.to_string().into(), ..plan };
        cx.checkpoint(&plan);
        plan.labels.apply(vsphere, &made, None).await?;
        Ok(plan)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        let groups = vsphere.api.distributed_port_groups();
        let (read, carried) = futures_util::join!(groups.get(&object), Labels::read_tags(vsphere, &object));
        let read = match read {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read {}", state.title()))?,
        };
        let values = custom_fields::texts(&read.custom_values);
        let uuid = match &read.config.distributed_virtual_switch {
            Some(on) => vsphere.api.distributed_switches().uuid(on).await.map(Some),
            None => Ok(None),
        };
        let state = M {
            id: object.id.to_string().into(),
            distributed_virtual_switch_uuid: uuid
                .doing(format!("find the switch of {}", state.title()))?
                .into(),
            labels: Labels::of(&carried?, &values, &state.labels),
            ..state
        };
        Ok(Some(state.observed(&read.config)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let (vsphere, object, timeout) = (cx.client(), plan.object(), cx.timeout(cx.client().timeout));
        let decide = |now: &DVPortgroupConfigInfo| {
            let spec = plan.spec(Some(&prior), now);
            (spec != DVPortgroupConfigSpec::default()).then_some(spec)
        };
        let groups = vsphere.api.distributed_port_groups();
        let done = groups.reconfigure(&object, timeout, cx.cancel(), decide).await;
        done.doing_to(format!("change {}", prior.title()), blame)?;
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (vsphere, object) = (cx.client(), state.object());
        let timeout = cx.timeout(vsphere.timeout);
        let done = or_absent(vsphere.api.entities().destroy(&object, timeout, cx.cancel()).await);
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let object = match id.starts_with('/') {
            true => resolve::object_at(cx.client(), id).await?,
            false => MoRef::new(entity::type_of(id).unwrap_or_default(), id),
        };
        if &*object.ty != TYPE {
            let detail = "Expected an inventory path or a managed object ID of a distributed port group.";
            let summary = format!("{id:?} is not a distributed port group");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        let read = cx.client().api.distributed_port_groups().get(&object).await;
        let name = readable(&read.doing(format!("read {object}"))?.name).into_owned();
        Ok(M { id: object.id.to_string().into(), name: name.into(), ..M::default() })
    }
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

    fn plan() -> M {
        let mut m = M { name: "web".into(), vlan_override_allowed: true.into(), ..M::default() };
        m.set_defaults(&M::block());
        m
    }

    #[test]
    fn only_what_changes_is_sent() {
        let overrides = plan().overrides(VMwareDVSPortgroupPolicy::default());
        let now = DVPortgroupConfigInfo { policy: overrides.into(), ..DVPortgroupConfigInfo::default() };
        assert_eq!(plan().spec(Some(&plan()), &now), DVPortgroupConfigSpec::default());
        let wanted = M { description: "d".into(), block_override_allowed: true.into(), ..plan() };
        let spec = wanted.spec(Some(&plan()), &now);
        assert_eq!(spec.description.as_deref(), Some("d"));
        assert!(spec.policy.is_some() && spec.name.is_none() && spec.default_port_config.is_none());
        let new = plan().spec(None, &DVPortgroupConfigInfo::default());
        assert_eq!((new.name.as_deref(), new.auto_expand, new.num_ports), (Some("web"), Some(true), None));
        assert_eq!(new.r#type.as_deref(), Some("earlyBinding"));
    }

    #[test]
    fn overrides_are_read_as_they_were_written() {
        let policy = plan().overrides(VMwareDVSPortgroupPolicy::default());
        let config = DVPortgroupConfigInfo { policy: policy.into(), ..DVPortgroupConfigInfo::default() };
        let seen = M::default().observed(&config);
        assert_eq!((seen.vlan_override_allowed.get(), seen.block_override_allowed.get()), (true, false));
        assert_eq!(seen.traffic_filter_override_allowed, Value::Null);
    }
}
