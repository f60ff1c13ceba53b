//! What a clone is made from: found once in a run, and looked at before anything is made.
use super::super::customize;
use super::super::model::{CloneModel, VirtualMachineModel as M};
use super::{at, item};
use crate::common::once::Once;
use crate::common::{lookup, machine};
use crate::fault::{Doing, capital};
use crate::vsphere::Vsphere;
use std::sync::Arc;
use tf_framework::{Diagnostics, Result, Value};
use vsphere_client::content_library::LibraryItem;
use vsphere_client::virtual_machine::VirtualMachine as Machine;
use vsphere_client::{MoRef, unescape};

/// What is cloned, by what names it.
#[derive(Default)]
struct Templates(Once<String, (MoRef, Arc<vsphere_client::virtual_machine::VirtualMachine>)>);

/// What is cloned.
#[derive(Debug, Clone)]
pub(in super::super) struct Source {
    /// The virtual machine or template.
    pub(in super::super) object: MoRef,
    /// What it was when it was read.
    pub(in super::super) vm: Arc<Machine>,
    /// The snapshot to clone; nothing for the present state, or for a linked clone of a template that has none.
    pub(in super::super) snapshot: Option<MoRef>,
    /// Whether its disks become the base of the clone's.
    pub(in super::super) linked: bool,
}

impl Source {
    /// The guest that it has.
    pub(in super::super) fn guest_id(&self) -> &str {
        self.vm.config.as_deref().map_or("", |c| c.guest_id.as_str())
    }

    /// A sentence part.
    pub(in super::super) fn title(&self) -> String {
        title(&self.object, &self.vm)
    }
}

fn title(object: &MoRef, vm: &Machine) -> String {
    let what = if vm.is_template() { "template" } else { "virtual machine" };
    format!("the {what} {:?} ({})", unescape(&vm.name), object.id)
}

/// What a machine is made from.
#[derive(Debug, Clone)]
pub(in super::super) enum Origin {
    /// Another machine, or a template.
    Machine(Source),
    /// An item of a content library.
    Item(Arc<LibraryItem>),
}

/// What a machine is made from: a machine or template, or else an item of a content library.
///
/// # Errors
/// As [`source`], and an item that no machine can be made from.
pub(in super::super) async fn origin(vsphere: &Vsphere, clone: &CloneModel) -> Result<Origin> {
    let problem = match source(vsphere, clone).await {
        Ok(source) => return Ok(Origin::Machine(source)),
        Err(problem) => problem,
    };
    let Some(item) = item::find(vsphere, clone.template_uuid.as_str()).await else { return Err(problem) };
    let found = item::check(clone, &item);
    if found.has_errors() {
        return Err(found);
    }
    Ok(Origin::Item(item))
}

/// What is cloned: by managed object id, BIOS UUID or instance UUID. All clones of one run share what was read.
///
/// # Errors
/// There is none, its configuration cannot be read, or the snapshot is not there.
async fn source(vsphere: &Vsphere, clone: &CloneModel) -> Result<Source> {
    let (id, at) = (clone.template_uuid.as_str(), at().field(CloneModel::TEMPLATE_UUID));
    let key = id.to_ascii_lowercase();
    let look = async {
        let object = machine::resolve(vsphere, id, at.clone()).await?;
        let vm = read(vsphere, &object).await?;
        Ok::<_, Diagnostics>((object, Arc::new(vm)))
    };
    let (object, mut vm) = vsphere.run::<Templates>().0.get(key.clone(), look).await?;
    if vm.config.is_none() {
        vsphere.run::<Templates>().0.forget(&key);
        let detail = format!(
            "vCenter cannot read its files (it is {}). Without its devices nothing can be cloned from it.",
            vm.connection_state.as_str()
        );
        return Err(Diagnostics::error(
            at,
            format!("{} cannot be read", capital(&title(&object, &vm))),
            detail,
        ));
    }
    let chosen = match snapshot(clone, &object, &vm) {
        Ok(chosen) => chosen,
        Err(_) => {
            // A snapshot may have been taken in this run, after another clone was made.
            vm = Arc::new(read(vsphere, &object).await?);
            snapshot(clone, &object, &vm)?
        }
    };
    Ok(Source { object, vm, snapshot: chosen, linked: clone.shares_disks() })
}

async fn read(vsphere: &Vsphere, object: &MoRef) -> Result<Machine> {
    let read = vsphere.api.virtual_machines().get(object).await;
    read.doing(format!("read the template {object}"))
}

/// The snapshot to clone: the one that is named, or for a linked clone the only one. Pure.
pub(in super::super) fn snapshot(clone: &CloneModel, object: &MoRef, vm: &Machine) -> Result<Option<MoRef>> {
    let all = vm.snapshots();
    let list = || lookup::listed(all.iter().map(|(path, s)| format!("{} ({path})", s.snapshot.id)));
    let title = title(object, vm);
    let wanted = clone.snapshot_id.as_str();
    if !wanted.is_empty() {
        if let Some((_, found)) = all.iter().find(|(_, s)| *s.snapshot.id == *wanted) {
            return Ok(Some(found.snapshot.clone()));
        }
        let there = if all.is_empty() { "It has none.".to_owned() } else { format!("It has\n{}", list()) };
        let at = at().field(CloneModel::SNAPSHOT_ID);
        let summary = format!("{} has no snapshot {wanted:?}", capital(&title));
        return Err(Diagnostics::error(at, summary, there));
    }
    if !clone.linked_clone.get() {
        return Ok(None);
    }
    let wrong = |summary: String, detail: String| {
        Err(Diagnostics::error(at().field(CloneModel::LINKED_CLONE), summary, detail))
    };
    match all.as_slice() {
        [(_, only)] => Ok(Some(only.snapshot.clone())),
        // A template can have no snapshot taken, and its disks do not change.
        [] if vm.is_template() => Ok(None),
        [] => wrong(
            format!("{} has no snapshot", capital(&title)),
            "The disks of a linked clone are differences to those of a snapshot. Take a snapshot of it, or set \
             `linked_clone = false`."
                .to_owned(),
        ),
        many => wrong(
            format!("{} has {} snapshots", capital(&title), many.len()),
            format!("Say with `snapshot_id` which of them is to be cloned:\n{}", list()),
        ),
    }
}

/// What does not go with a source: errors, and warnings of what mostly does not boot.
pub(in super::super) fn check(vsphere: &Vsphere, plan: &M, source: &Source) -> Diagnostics {
    let mut out = fits(plan, source);
    let guest_id = match plan.guest_id.as_str() {
        "" => source.guest_id(),
        set => set,
    };
    out.merge(customize::check(vsphere, plan, guest_id));
    out
}

/// Whether what is planned goes with the source. Pure.
fn fits(plan: &M, source: &Source) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(config) = source.vm.config.as_deref() else { return out };
    let title = source.title();
    if let (Some(has), Some(to)) = (source.vm.hardware_version(), plan.hardware_version.known().copied())
        && (1..i64::from(has.0)).contains(&to)
    {
        let has = has.0;
        let detail = format!(
            "{} has hardware version {has}, and there is no way back to {to}. Set {has} or more, or leave \
             `hardware_version` out.",
            capital(&title)
        );
        out.merge(Diagnostics::error(M::HARDWARE_VERSION, "The hardware version cannot be lowered", detail));
    }
    let wanted = |v: &Value<String>| v.non_empty().cloned();
    if let Some(firmware) = wanted(&plan.firmware)
        && let Some(has) = config.firmware.as_deref()
        && firmware != has
    {
        let detail = format!(
            "{} has {has:?}, and the clone is to have {firmware:?} (the default is \"bios\"): a system that was installed \
             with one mostly does not boot with the other. Set `firmware = {has:?}`.",
            capital(&title)
        );
        out.merge(Diagnostics::warning(M::FIRMWARE, "The firmware is not that of the template", detail));
    }
    if let Some(guest) = wanted(&plan.guest_id)
        && !config.guest_id.is_empty()
        && guest != config.guest_id
    {
        let detail = format!(
            "{} has {:?}, and the clone is to have {guest:?}. vSphere chooses virtual hardware by it. Leave `guest_id` out \
             to take the template's.",
            capital(&title),
            config.guest_id
        );
        out.merge(Diagnostics::warning(M::GUEST_ID, "The guest is not that of the template", detail));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::vim::types::{
        VirtualMachineConfigInfo, VirtualMachineSnapshotInfo, VirtualMachineSnapshotTree,
    };

    fn machine(template: bool, snapshots: &[&str]) -> Machine {
        let config = VirtualMachineConfigInfo {
            template,
            firmware: Some("efi".into()),
            guest_id: "ubuntu64Guest".into(),
            ..Default::default()
        };
        let trees = snapshots.iter().map(|id| VirtualMachineSnapshotTree {
            name: format!("of {id}"),
            snapshot: MoRef::new("VirtualMachineSnapshot", *id),
            ..Default::default()
        });
        let info = VirtualMachineSnapshotInfo { root_snapshot_list: trees.collect(), ..Default::default() };
        Machine {
            name: "golden".into(),
            config: Some(Box::new(config)),
            snapshot: (!snapshots.is_empty()).then(|| Box::new(info)),
            ..Default::default()
        }
    }

    #[test]
    fn a_linked_clone_has_one_snapshot_for_its_base() {
        let object = MoRef::new("VirtualMachine", "vm-7");
        for (snapshots, linked, id, expected) in [
            (&[][..], false, "", Ok(None)),
            (&["snapshot-1", "snapshot-2"][..], false, "", Ok(None)),
            (&["snapshot-1"][..], true, "", Ok(Some("snapshot-1"))),
            (&["snapshot-1", "snapshot-2"][..], true, "snapshot-2", Ok(Some("snapshot-2"))),
            (&["snapshot-1", "snapshot-2"][..], false, "snapshot-2", Ok(Some("snapshot-2"))),
            (&[][..], true, "", Err(("clone[0].linked_clone", "Take a snapshot"))),
            (&["snapshot-1", "snapshot-2"][..], true, "", Err(("clone[0].linked_clone", "snapshot-2 (/of"))),
            (&["snapshot-1"][..], false, "snapshot-9", Err(("clone[0].snapshot_id", "snapshot-1 (/of"))),
            (&[][..], true, "snapshot-9", Err(("clone[0].snapshot_id", "It has none"))),
        ] {
            let clone =
                CloneModel { linked_clone: linked.into(), snapshot_id: id.into(), ..Default::default() };
            match (snapshot(&clone, &object, &machine(false, snapshots)), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.as_ref().map(|s| &*s.id), expected),
                (Err(problems), Err((at, part))) => {
                    let problems = problems.to_string();
                    assert!(
                        problems.contains(at)
                            && problems.contains(part)
                            && problems.contains("\"golden\" (vm-7)"),
                        "{problems}"
                    );
                }
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
        let linked = CloneModel { linked_clone: true.into(), ..Default::default() };
        assert!(matches!(snapshot(&linked, &object, &machine(true, &[])), Ok(None)));
        assert!(snapshot(&linked, &object, &machine(true, &["snapshot-1", "snapshot-2"])).is_err());
    }

    #[test]
    fn settings_that_rarely_boot_are_reported() {
        let source = Source {
            object: MoRef::new("VirtualMachine", "vm-7"),
            vm: Arc::new(machine(true, &[])),
            snapshot: None,
            linked: false,
        };
        let plan = |firmware: &str, guest: &str| M {
            firmware: firmware.into(),
            guest_id: guest.into(),
            ..M::default()
        };
        let at = |m: &M| fits(m, &source).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
        assert_eq!(at(&plan("efi", "ubuntu64Guest")), [""; 0]);
        assert_eq!(at(&plan("efi", "")), [""; 0]);
        assert_eq!(at(&M { guest_id: Value::Unknown, ..plan("bios", "") }), ["firmware"]);
        assert_eq!(at(&plan("bios", "windows9_64Guest")), ["firmware", "guest_id"]);
        assert!(!fits(&plan("bios", "windows9_64Guest"), &source).has_errors());
    }
}
