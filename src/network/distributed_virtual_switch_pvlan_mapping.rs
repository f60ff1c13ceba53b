//! `vsphere_distributed_virtual_switch_pvlan_mapping`
use crate::fault::Doing;
use crate::network::common::switch;
use crate::network::distributed_virtual_switch::hosts::{Pvlan, pvlan_changes};
use crate::network::distributed_virtual_switch::pvlan_specs;
use crate::vsphere::Vsphere;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::FaultKind;
use vsphere_client::vim::types::{VMwareDVSConfigInfo, VMwareDVSConfigSpec};

/// Manages a private VLAN mapping on a distributed switch.
///
/// If the switch is managed by a `vsphere_distributed_virtual_switch` resource, set `ignore_other_pvlan_mappings` to
/// `true` on that resource. Otherwise, the switch resource removes the mapping.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_distributed_virtual_switch_pvlan_mapping", category = "Networking")]
pub struct DistributedVirtualSwitchPvlanMappingModel {
    /// The ID, which consists of the UUID of the switch and the mapping.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The UUID of the distributed switch.
    #[tf(required, force_new)]
    pub distributed_virtual_switch_id: Value<String>,
    /// The primary VLAN ID.
    #[tf(required, force_new, range(1, 4094))]
    pub primary_vlan_id: Value<i64>,
    /// The secondary VLAN ID. Must be equal to `primary_vlan_id` if `pvlan_type` is `promiscuous`.
    #[tf(required, force_new, range(1, 4094))]
    pub secondary_vlan_id: Value<i64>,
    /// The private VLAN type: `promiscuous`, `isolated` or `community`.
    #[tf(required, force_new, one_of("promiscuous", "isolated", "community"))]
    pub pvlan_type: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct DistributedVirtualSwitchPvlanMapping;

type M = DistributedVirtualSwitchPvlanMappingModel;

impl M {
    fn plain(&self) -> Pvlan {
        Pvlan {
            primary: self.primary_vlan_id.get(),
            secondary: self.secondary_vlan_id.get(),
            kind: self.pvlan_type.get(),
        }
    }

    /// A sentence part.
    fn title(&self) -> String {
        let Pvlan { primary, secondary, kind } = self.plain();
        format!("the {kind} mapping {primary}-{secondary} of the switch {}", self.uuid())
    }

    fn uuid(&self) -> &str {
        self.distributed_virtual_switch_id.as_str()
    }

    fn with_id(self) -> Self {
        let Pvlan { primary, secondary, kind } = self.plain();
        let id = format!("dvswitch-{}-mapping-{primary}-{secondary}-{kind}", self.uuid());
        Self { id: id.into(), ..self }
    }
}

/// The mapping of an ID, as in a state. Pure.
fn parse(id: &str) -> Option<M> {
    // The UUID contains the separator.
    let (uuid, rest) = id.strip_prefix("dvswitch-")?.rsplit_once("-mapping-")?;
    let mut parts = rest.splitn(3, '-');
    let (primary, secondary, kind) = (parts.next()?, parts.next()?, parts.next()?);
    Some(M {
        id: id.into(),
        distributed_virtual_switch_id: uuid.into(),
        primary_vlan_id: primary.parse::<i64>().ok()?.into(),
        secondary_vlan_id: secondary.parse::<i64>().ok()?.into(),
        pvlan_type: kind.into(),
    })
}

/// Whether a switch has a mapping.
fn has(config: &VMwareDVSConfigInfo, p: &Pvlan) -> bool {
    config.pvlan_config.iter().any(|e| {
        (i64::from(e.primary_vlan_id), i64::from(e.secondary_vlan_id)) == (p.primary, p.secondary)
            && e.pvlan_type == p.kind
    })
}

impl DistributedVirtualSwitchPvlanMapping {
    /// Adds or removes the mapping, unless that is done already. No other change of this run comes in between.
    async fn set(&self, cx: &Cx<'_, Self>, m: &M, there: bool) -> Result<()> {
        let vsphere = cx.client();
        let object = match there {
            true => switch::there(vsphere, m.uuid(), M::DISTRIBUTED_VIRTUAL_SWITCH_ID).await?,
            false => match switch::existing(vsphere, m.uuid()).await? {
                Some(object) => object,
                None => return Ok(()),
            },
        };
        let own = [m.plain()];
        let decide = |now: &VMwareDVSConfigInfo| {
            let (from, to): (&[Pvlan], &[Pvlan]) = if there { (&[], &own) } else { (&own, &[]) };
            (has(now, &own[0]) != there).then(|| VMwareDVSConfigSpec {
                pvlan_config_spec: pvlan_specs(pvlan_changes(from, to)),
                ..VMwareDVSConfigSpec::default()
            })
        };
        let (switches, timeout) = (vsphere.api.distributed_switches(), vsphere.timeout);
        let done = match switches.reconfigure(&object, timeout, cx.cancel(), decide).await {
            // The switch has been deleted with its mappings.
            Err(e) if !there && e.is_not_found() => Ok(()),
            done => done,
        };
        let verb = if there { "create" } else { "delete" };
        done.doing_to(format!("{verb} {}", m.title()), blame)
    }
}

impl Resource for DistributedVirtualSwitchPvlanMapping {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID in the state: the UUID of the switch and the mapping, such as \
                                  dvswitch-50 1d 3f 4a b8 e2 6c 7f-91 0d 55 aa 3b c4 e7 12-mapping-100-101-isolated";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        if let (Some(vsphere), None, Some(uuid)) =
            (cx.client, cx.prior, planned.distributed_virtual_switch_id.known())
        {
            switch::there(vsphere, uuid, M::DISTRIBUTED_VIRTUAL_SWITCH_ID).await?;
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        self.set(cx, &plan, true).await?;
        Ok(plan.with_id())
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let Some(object) = switch::existing(vsphere, state.uuid()).await? else { return Ok(None) };
        let read = match vsphere.api.distributed_switches().get(&object).await {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read the switch {}", state.uuid()))?,
        };
        Ok(has(&read.config, &state.plain()).then(|| state.with_id()))
    }

    async fn update(&self, _: &Cx<'_, Self>, _: M, plan: M) -> Result<M> {
        // Each argument forces a new resource.
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        self.set(cx, &state, false).await
    }

    async fn import(&self, _: &Cx<'_, Self>, id: &str) -> Result<M> {
        parse(id).ok_or_else(|| {
            let detail = "Expected the UUID of the switch and the mapping, such as dvswitch-<UUID>-mapping-100-101-isolated.";
            Diagnostics::error(AttributePath::root(), format!("Invalid import ID {id:?}"), detail)
        })
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } => Some(M::SECONDARY_VLAN_ID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_of_a_mapping() {
        let id = "dvswitch-b3a521bf-4671-5029-a01b-5b685ffacf4d-mapping-105-106-isolated";
        let mapping = parse(id).unwrap();
        assert_eq!(mapping.uuid(), "b3a521bf-4671-5029-a01b-5b685ffacf4d");
        assert_eq!((mapping.primary_vlan_id.get(), mapping.secondary_vlan_id.get()), (105, 106));
        assert_eq!(mapping.pvlan_type.as_str(), "isolated");
        assert_eq!(mapping.with_id().id.as_str(), id);
        assert_eq!(parse("105-106-isolated"), None);
    }
}
