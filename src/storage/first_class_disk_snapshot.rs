//! `vsphere_first_class_disk_snapshot`
use crate::common::moid::{Datastore, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::first_class_disk::{At, Snapshot};
use vsphere_client::virtual_machine::Wait;
use vsphere_client::{FaultKind, MoRef};

/// Manages a snapshot of a first class disk.
///
/// A snapshot preserves the data of the disk at a point in time. A disk with snapshots cannot be extended. Requires the
/// `Datastore.FileManagement` privilege on the datastore.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_first_class_disk_snapshot", category = "Storage")]
pub struct FirstClassDiskSnapshotModel {
    /// The ID of the snapshot, a UUID.
    #[tf(computed)]
    pub id: Value<String>,
    /// The managed object ID of the datastore of the disk.
    #[tf(required, force_new, form = MoId::<Datastore>::form)]
    pub datastore_id: Value<String>,
    /// The ID of the disk: the `id` of a `vsphere_first_class_disk`.
    #[tf(required, force_new, pattern(r"\S", "the ID of a first class disk"))]
    pub first_class_disk_id: Value<String>,
    /// The description of the snapshot. No other snapshot of the disk may have the same description when the snapshot is
    /// created.
    #[tf(required, force_new, pattern(r"\S", "a description that is not blank"))]
    pub description: Value<String>,
    /// An arbitrary value. Changing it from one value to another reverts the disk to the snapshot: data that was written
    /// later is lost. The disk must be detached from its virtual machine first. Setting the first value has no effect.
    #[tf(optional)]
    pub revert_trigger: Value<String>,
    /// The time when the snapshot was created, in RFC 3339 format.
    #[tf(computed)]
    pub created: Value<String>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = FirstClassDiskSnapshotModel;

/// The resource.
#[derive(Debug, Default)]
pub struct FirstClassDiskSnapshot;

impl M {
    fn datastore(&self) -> MoRef {
        MoId::<Datastore>::object(self.datastore_id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        let disk = self.first_class_disk_id.as_str();
        format!("the snapshot {:?} of the first class disk {disk}", self.description.as_str())
    }

    fn observed(self, snapshot: Snapshot) -> Self {
        Self { description: snapshot.description.into(), created: snapshot.created.into(), ..self }
    }
}

/// Whether a plan reverts the disk. Pure.
fn reverts(prior: &M, planned: &Value<String>) -> bool {
    let was = &prior.revert_trigger;
    was.non_empty().is_some() && planned.non_empty().is_some() && was != planned
}

impl Resource for FirstClassDiskSnapshot {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the managed object ID of the datastore, a colon, the ID of the disk, a colon and the ID of the \
                                  snapshot, such as \
                                  datastore-12:6c3b8f0e-6a9c-4a0b-9d3c-0f7f5f6f2a11:0b9d6a4e-5a52-4c43-8f5c-2d0c5b1c7c1e";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        if let Some(prior) = cx.prior
            && !cx.is_replacement()
            && reverts(prior, &planned.revert_trigger)
        {
            let detail = format!(
                "The disk is reverted to the snapshot of {}. Data that was written later is lost.",
                prior.created.as_str()
            );
            let summary = format!("First class disk {} will be reverted", prior.first_class_disk_id.as_str());
            cx.warn(M::REVERT_TRIGGER, summary, detail);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let object = plan.datastore();
        let at = At { datastore: &object, id: plan.first_class_disk_id.as_str() };
        let disks = vsphere.api.first_class_disks();
        let found = disks.snapshots(at).await;
        let found = found.doing_to(format!("list the snapshots of the first class disk {}", at.id), blame)?;
        let Some(found) = found else {
            let summary = format!("There is no first class disk {:?}", at.id);
            let detail = format!("{object} has no first class disk with this ID.");
            return Err(Diagnostics::error(M::FIRST_CLASS_DISK_ID, summary, detail));
        };
        // A run that was interrupted may have created it.
        if let Some(same) = found.iter().find(|s| s.description == plan.description.as_str()) {
            let detail = format!(
                "It was created at {}. Choose another description, or import it: terraform import <address> {}:{}:{}",
                same.created,
                plan.datastore_id.as_str(),
                at.id,
                same.id
            );
            let summary = format!("The first class disk has a snapshot {:?} already", same.description);
            return Err(Diagnostics::error(M::DESCRIPTION, summary, detail));
        }
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let made = disks.create_snapshot(at, plan.description.as_str(), wait).await;
        let id = made.doing_to(format!("create {}", plan.title()), blame)?;
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let object = state.datastore();
        let at = At { datastore: &object, id: state.first_class_disk_id.as_str() };
        let found = cx.client().api.first_class_disks().snapshots(at).await;
        let found = found.doing(format!("read {}", state.title()))?.unwrap_or_default();
        let found = found.into_iter().find(|s| s.id == state.id.as_str());
        Ok(found.map(|snapshot| state.observed(snapshot)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        if !reverts(&prior, &plan.revert_trigger) {
            return Ok(plan);
        }
        let vsphere = cx.client();
        let object = prior.datastore();
        let at = At { datastore: &object, id: prior.first_class_disk_id.as_str() };
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let done = vsphere.api.first_class_disks().revert(at, prior.id.as_str(), wait).await;
        if let Err(e) = &done
            && matches!(e.fault_kind(), Some(FaultKind::InvalidState))
        {
            let summary = format!("First class disk {} cannot be reverted in its state", at.id);
            let detail = "A first class disk that is attached to a virtual machine cannot be reverted. Detach it first.";
            return Err(Diagnostics::error(M::REVERT_TRIGGER, summary, detail));
        }
        let doing = format!("revert first class disk {} to {}", at.id, prior.title());
        done.doing_to(doing, |_| Some(M::REVERT_TRIGGER))?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let object = state.datastore();
        let at = At { datastore: &object, id: state.first_class_disk_id.as_str() };
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let done = vsphere.api.first_class_disks().delete_snapshot(at, state.id.as_str(), wait).await;
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, _cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let parts: Vec<&str> = id.split(':').collect();
        match *parts {
            [datastore, disk, snapshot]
                if MoId::<Datastore>::form(&datastore.into()).is_ok()
                    && !disk.is_empty()
                    && !snapshot.is_empty() =>
            {
                Ok(M {
                    id: snapshot.into(),
                    datastore_id: datastore.into(),
                    first_class_disk_id: disk.into(),
                    ..M::default()
                })
            }
            _ => Err(Diagnostics::error(
                AttributePath::root(),
                format!("{id:?} is not the ID of a snapshot of a first class disk"),
                "",
            )),
        }
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } => Some(M::FIRST_CLASS_DISK_ID),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::DATASTORE_ID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_value_after_another_reverts() {
        for (was, is, expected) in [
            (Value::Null, Value::Null, false),
            // After an import, too.
            (Value::Null, "a".into(), false),
            ("".into(), "a".into(), false),
            ("a".into(), Value::Unknown, false),
            ("a".into(), "a".into(), false),
            ("a".into(), "b".into(), true),
            ("a".into(), "".into(), false),
            ("a".into(), Value::Null, false),
        ] {
            let prior = M { revert_trigger: was, ..M::default() };
            assert_eq!(reverts(&prior, &is), expected, "{prior:?} {is:?}");
        }
    }
}
