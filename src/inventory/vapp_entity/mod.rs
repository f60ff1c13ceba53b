//! `vsphere_vapp_entity`
mod members;
use crate::common::moid::{MoId, Vapp, VappMember};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::collections::{BTreeMap, BTreeSet};
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Value};
use vsphere_client::vim::types::VAppEntityConfigInfo;
use vsphere_client::{Error, FaultKind, KeyedLock, MoRef};

/// Manages the start and stop settings of a virtual machine or vApp in a vApp.
///
/// Destroying the resource resets the settings to the vSphere defaults for a new member of a vApp.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_vapp_entity", category = "Host and Cluster Management")]
pub struct VappEntityModel {
    /// The managed object IDs of the vApp and its member, separated by a colon, such as `resgroup-v8:vm-42`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the virtual machine or vApp that is a member of the vApp.
    #[tf(required, force_new, form = MoId::<VappMember>::form)]
    pub target_id: Value<String>,
    /// The managed object ID of the vApp that contains the member.
    #[tf(required, force_new, form = MoId::<Vapp>::form)]
    pub container_id: Value<String>,
    /// The action to take on the member when the vApp is powered on: `powerOn` or `none`.
    #[tf(optional, default = "powerOn", expected("powerOn", "none"))]
    pub start_action: Value<String>,
    /// The number of seconds to wait before starting the next member.
    #[tf(optional, default = 120)]
    pub start_delay: Value<i64>,
    /// The action to take on the member when the vApp is powered off: `powerOff`, `guestShutdown`, `suspend` or `none`.
    #[tf(optional, default = "powerOff", expected("powerOff", "guestShutdown", "suspend", "none"))]
    pub stop_action: Value<String>,
    /// The number of seconds to wait before stopping the next member.
    #[tf(optional, default = 120)]
    pub stop_delay: Value<i64>,
    /// The position of the member in the start order. Members with the same position are started together. Members are
    /// stopped in reverse order.
    #[tf(optional, default = 1)]
    pub start_order: Value<i64>,
    /// Whether to start the next member as soon as VMware Tools is running in the virtual machine, even if
    /// `start_delay` has not elapsed. Has no effect on vApps.
    #[tf(optional, default = false)]
    pub wait_for_guest: Value<bool>,
    /// Has no effect; accepted for compatibility with the official provider. Use the `tags` argument of the virtual
    /// machine or vApp instead.
    #[tf(optional, unstored)]
    pub tags: Value<BTreeSet<String>>,
    /// Has no effect; accepted for compatibility with the official provider. Use the `custom_attributes` argument of
    /// the virtual machine or vApp instead.
    #[tf(optional, unstored)]
    pub custom_attributes: Value<BTreeMap<String, String>>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct VappEntity;

type M = VappEntityModel;

/// One change of a vApp at a time: each sends the list of all members.
#[derive(Default)]
struct Turns(KeyedLock<String>);

impl M {
    fn target(&self) -> MoRef {
        MoId::<VappMember>::object(self.target_id.as_str())
    }

    fn container(&self) -> MoRef {
        MoId::<Vapp>::object(self.container_id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("{} in {}", self.target(), self.container())
    }

    fn wanted(&self) -> VAppEntityConfigInfo {
        let number = |v: &Value<i64>| Some(i32::try_from(v.get()).unwrap_or(i32::MAX));
        VAppEntityConfigInfo {
            key: Some(self.target()),
            start_action: Some(self.start_action.as_str().to_owned()),
            start_delay: number(&self.start_delay),
            start_order: number(&self.start_order),
            stop_action: Some(self.stop_action.as_str().to_owned()),
            stop_delay: number(&self.stop_delay),
            waiting_for_guest: Some(self.wait_for_guest.get()),
            ..Default::default()
        }
    }

    fn observed(self, member: VAppEntityConfigInfo) -> Self {
        Self {
            id: format!("{}:{}", self.container_id.as_str(), self.target_id.as_str()).into(),
            start_action: member.start_action.into(),
            start_delay: member.start_delay.map(i64::from).into(),
            start_order: member.start_order.map(i64::from).into(),
            stop_action: member.stop_action.into(),
            stop_delay: member.stop_delay.map(i64::from).into(),
            wait_for_guest: member.waiting_for_guest.into(),
            ..self
        }
    }

    /// Sets the values of the member; false if the vApp does not exist.
    async fn put(&self, vsphere: &Vsphere, wanted: VAppEntityConfigInfo, only_there: bool) -> Result<bool> {
        let (vapp, doing) = (self.container(), || format!("set how {} is powered on and off", self.title()));
        let _turn = vsphere.run::<Turns>().0.lock(self.container_id.get()).await;
        let mut sent = None;
        loop {
            let all = match vsphere.api.vapps().members(&vapp).await {
                Err(e) if only_there && e.is_not_found() => return Ok(false),
                other => other.doing_to(doing(), |_| Some(M::CONTAINER_ID))?,
            };
            if only_there && !all.iter().any(|m| m.key == wanted.key) {
                return Ok(false);
            }
            let list = members::with(&all, wanted.clone());
            let done = vsphere.api.vapps().set_members(&vapp, list.clone()).await;
            // Another member of the list may have left the vApp since it was read.
            let invalid = |e: &Error| matches!(e.fault_kind(), Some(FaultKind::InvalidArgument { .. }));
            if done.as_ref().is_err_and(invalid) && sent.as_ref() != Some(&list) {
                sent = Some(list);
                continue;
            }
            return done.doing_to(doing(), blame).map(|()| true);
        }
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => Some(M::TARGET_ID),
        _ => None,
    }
}

impl Resource for VappEntity {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object IDs of the vApp and of its member, joined by a colon, such as \
                                  resgroup-v8:vm-42";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, _planned: &mut Plan<'_, M>) -> Result<()> {
        let changed = |now: bool, same: Option<bool>| now && same != Some(true);
        let (config, prior) = (cx.config, cx.prior);
        for (field, now) in [
            (M::TAGS, changed(!config.tags.is_null(), prior.map(|p| p.tags == config.tags))),
            (
                M::CUSTOM_ATTRIBUTES,
                changed(
                    !config.custom_attributes.is_null(),
                    prior.map(|p| p.custom_attributes == config.custom_attributes),
                ),
            ),
        ] {
            if now {
                let detail = format!("Set `{}` of the virtual machine or vApp instead.", field.0);
                cx.warn(field, format!("`{}` has no effect", field.0), detail);
            }
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        plan.put(cx.client(), plan.wanted(), false).await?;
        let id = format!("{}:{}", plan.container_id.as_str(), plan.target_id.as_str());
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let all = match cx.client().api.vapps().members(&state.container()).await {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(format!("read the members of {}", state.container()))?,
        };
        let target = state.target();
        let member = all.into_iter().find(|m| m.key.as_ref().is_some_and(|k| k.id == target.id));
        Ok(member.map(|m| state.observed(m)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        plan.put(cx.client(), plan.wanted(), false).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        // vSphere keeps a member's values as long as it is in the vApp.
        let default = M {
            start_action: "powerOn".into(),
            start_delay: 120.into(),
            stop_action: "powerOff".into(),
            stop_delay: 120.into(),
            start_order: 1.into(),
            wait_for_guest: false.into(),
            ..state.clone()
        };
        state.put(cx.client(), default.wanted(), true).await.map(drop)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let parts = id.split_once(':').filter(|(vapp, member)| {
            MoId::<Vapp>::form(&(*vapp).into()).is_ok() && MoId::<VappMember>::form(&(*member).into()).is_ok()
        });
        let Some((vapp, member)) = parts else {
            let detail = "Expected two IDs, such as \"resgroup-v8:vm-42\".";
            return Err(Diagnostics::error(
                AttributePath::root(),
                format!("{id:?} does not name a member of a vApp"),
                detail,
            ));
        };
        let found = M { container_id: vapp.into(), target_id: member.into(), ..M::default() };
        match self.read(cx, found).await? {
            Some(found) => Ok(found),
            None => {
                let detail =
                    format!("The vApp {vapp} does not exist, is not visible, or has no member {member}.");
                let summary = format!("The member {id:?} of a vApp does not exist");
                Err(Diagnostics::error(AttributePath::root(), summary, detail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_seen_again() {
        let asked = M {
            id: "resgroup-v8:vm-42".into(),
            target_id: "vm-42".into(),
            container_id: "resgroup-v8".into(),
            start_action: "powerOn".into(),
            start_delay: 30.into(),
            stop_action: "guestShutdown".into(),
            stop_delay: 60.into(),
            start_order: 2.into(),
            wait_for_guest: true.into(),
            ..M::default()
        };
        assert_eq!(asked.clone().observed(asked.wanted()), asked);
    }

    #[test]
    fn members_are_virtual_machines_and_vapps() {
        for (id, target, container) in [
            ("vm-42", true, false),
            ("resgroup-v8", true, true),
            ("resgroup-8", false, false),
            ("", false, false),
        ] {
            assert_eq!(MoId::<VappMember>::form(&id.into()).is_ok(), target, "{id}");
            assert_eq!(MoId::<Vapp>::form(&id.into()).is_ok(), container, "{id}");
        }
    }
}
