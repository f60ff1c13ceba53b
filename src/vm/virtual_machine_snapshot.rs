//! `vsphere_virtual_machine_snapshot`
use crate::common::lookup;
use crate::common::machine;
use crate::common::names;
use crate::fault::{Doing, or_absent};
use crate::vsphere::Vsphere;
use std::time::Duration;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use tokio_util::sync::CancellationToken;
use vsphere_client::vim::types::{
    VirtualMachinePowerState, VirtualMachineSnapshotInfo, VirtualMachineSnapshotTree,
};
use vsphere_client::virtual_machine::{VirtualMachine, Wait};
use vsphere_client::{FaultKind, MoRef, readable, same_name};

/// The snapshots that this run has taken.
#[derive(Default)]
struct Taken(std::sync::Mutex<std::collections::BTreeSet<String>>);

/// Manages a snapshot of a virtual machine.
///
/// A snapshot captures the state of a virtual machine at a point in time. Changing its name, description or options
/// therefore replaces it with a new snapshot of the current state. Renaming the snapshot outside Terraform does not
/// cause a difference.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_machine_snapshot", category = "Virtual Machine")]
pub struct SnapshotModel {
    /// The managed object ID of the snapshot, such as `snapshot-77`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The virtual machine: its BIOS UUID (the `id` of `vsphere_virtual_machine`), instance UUID or managed object ID.
    #[tf(required, force_new, form = machine::id, same = machine::same)]
    pub virtual_machine_uuid: Value<String>,
    /// The name of the snapshot.
    #[tf(required, force_new, pattern(r"\S", "a name that is not blank"), same = names::same)]
    pub snapshot_name: Value<String>,
    /// The description of the snapshot.
    #[tf(required, force_new)]
    pub description: Value<String>,
    /// Whether to include the memory of a virtual machine that is powered on. Reverting to the snapshot then resumes
    /// the virtual machine. The file systems of the guest are not quiesced, even if `quiesce` is `true`.
    #[tf(required, force_new)]
    pub memory: Value<bool>,
    /// Whether VMware Tools quiesces the file systems of the guest, if the virtual machine is powered on.
    #[tf(required, force_new)]
    pub quiesce: Value<bool>,
    /// Whether to remove all child snapshots when the snapshot is removed. If `false` or omitted, child snapshots are
    /// kept.
    #[tf(optional)]
    pub remove_children: Value<bool>,
    /// Whether to consolidate the disks of the virtual machine when the snapshot is removed. Defaults to `false`.
    #[tf(optional)]
    pub consolidate: Value<bool>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = SnapshotModel;

/// The resource.
#[derive(Debug, Default)]
pub struct VirtualMachineSnapshot;

vsphere_client::properties! {
    struct Owner of "VirtualMachineSnapshot" {
        vm: Option<MoRef> = "vm",
    }
}

vsphere_client::properties! {
    struct OfMachine of "VirtualMachine" {
        snapshot: Option<Box<VirtualMachineSnapshotInfo>> = "snapshot",
        bios_uuid: Option<String> = "config.uuid",
    }
}

impl M {
    fn object(&self) -> MoRef {
        MoRef::new("VirtualMachineSnapshot", self.id.as_str())
    }

    /// A sentence part.
    fn title(&self) -> String {
        format!("the snapshot {:?}", self.snapshot_name.as_str())
    }

    /// With what the server says where the state says nothing, which is so after an import.
    fn observed(self, tree: &VirtualMachineSnapshotTree) -> Self {
        let known = |v: Value<bool>, seen: bool| if v.is_null() { seen.into() } else { v };
        let text = |v: Value<String>, seen: &str| if v.is_null() { seen.into() } else { v };
        Self {
            id: tree.snapshot.id.to_string().into(),
            snapshot_name: text(self.snapshot_name, &readable(&tree.name)),
            description: text(self.description, &tree.description),
            memory: known(self.memory, tree.state == VirtualMachinePowerState::PoweredOn),
            quiesce: known(self.quiesce, tree.quiesced),
            ..self
        }
    }
}

impl Resource for VirtualMachineSnapshot {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the inventory path, UUID or managed object ID of the virtual machine, a colon, and the path of names, \
                                  name or managed object ID of the snapshot, such as /dc1/vm/web:/base/patched or vm-42:snapshot-77";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        // Another identifier of the same virtual machine does not take another snapshot. Only then vCenter is asked.
        let at = AttributePath::from(M::VIRTUAL_MACHINE_UUID);
        if let (Some(vsphere), Some(prior), Some(wanted)) =
            (cx.client, cx.prior, planned.virtual_machine_uuid.known())
            && cx.replace.contains(&at)
            && machine::is_one(vsphere, prior.virtual_machine_uuid.as_str(), wanted).await
        {
            cx.replace.retain(|p| *p != at);
        }
        if let (Some(vsphere), None, Some(id)) = (cx.client, cx.prior, planned.virtual_machine_uuid.known()) {
            machine::one(vsphere, id, M::VIRTUAL_MACHINE_UUID).await?;
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let vm =
            machine::resolve(vsphere, plan.virtual_machine_uuid.as_str(), M::VIRTUAL_MACHINE_UUID).await?;
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let (name, description) = (plan.snapshot_name.as_str(), plan.description.as_str());
        let machines = vsphere.api.virtual_machines();
        not_twice(vsphere, &vm, &plan, cx.timeout(vsphere.timeout), cx.cancel()).await?;
        let made = machines
            .create_snapshot(&vm, name, description, plan.memory.get(), plan.quiesce.get(), wait)
            .await;
        let made = made.doing_to(format!("take {} of {vm}", plan.title()), blame)?;
        if let Ok(mut own) = vsphere.run::<Taken>().0.lock() {
            own.insert(made.id.to_string());
        }
        Ok(M { id: made.id.to_string().into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (vsphere, object) = (cx.client(), state.object());
        // The snapshot knows whose it is; so the virtual machine need not be looked for, whatever became of its UUIDs.
        let owner = match vsphere.api.properties().get::<Owner>(&object).await {
            Err(e) if e.is_not_found() => return Ok(None),
            read => read.doing(format!("read {}", state.title()))?,
        };
        let Some(vm) = owner.vm else { return Ok(None) };
        let seen = match vsphere.api.properties().get::<OfMachine>(&vm).await {
            Err(e) if e.is_not_found() => return Ok(None),
            read => read.doing(format!("read the snapshots of {vm}"))?,
        };
        let machine = VirtualMachine { snapshot: seen.snapshot, ..Default::default() };
        let all = machine.snapshots();
        let Some((_, tree)) = all.iter().find(|(_, t)| t.snapshot == object) else { return Ok(None) };
        let mut state = state.observed(tree);
        if state.virtual_machine_uuid.is_null() {
            state.virtual_machine_uuid = seen.bios_uuid.unwrap_or_else(|| vm.id.to_string()).into();
        }
        Ok(Some(state))
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        // What can be changed counts only when it is removed.
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let (children, consolidate) = (state.remove_children.get(), state.consolidate.get());
        let machines = vsphere.api.virtual_machines();
        let done = or_absent(machines.remove_snapshot(&state.object(), children, consolidate, wait).await);
        done.doing(format!("remove {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        if id.starts_with("snapshot-") && !id.contains(':') {
            return Ok(M { id: id.into(), ..M::default() });
        }
        let (vm, word, snapshot) = split(vsphere, id).await?;
        let read = vsphere.api.virtual_machines().get(&vm).await;
        let read = read.doing(format!("read the snapshots of {vm}"))?;
        let id = chosen(&read.snapshots(), snapshot)?;
        Ok(M { id: id.id.to_string().into(), virtual_machine_uuid: word.into(), ..M::default() })
    }
}

/// Names of snapshots need not be unique. One that a run took which was killed must not be taken a second time.
async fn not_twice(
    vsphere: &Vsphere,
    vm: &MoRef,
    plan: &M,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Result<()> {
    let doing = || format!("look for {} of {vm}", plan.title());
    let others = vsphere.api.tasks().wait_for_others(vm, "createSnapshot", timeout, cancel).await;
    others.doing(doing())?;
    let seen = vsphere.api.properties().get::<OfMachine>(vm).await.doing(doing())?;
    let machine = VirtualMachine { snapshot: seen.snapshot, ..Default::default() };
    let all = machine.snapshots();
    let same = |t: &VirtualMachineSnapshotTree| {
        t.name == plan.snapshot_name.as_str() && t.description == plan.description.as_str()
    };
    let alike: Vec<_> = all.iter().filter(|(_, t)| same(t)).collect();
    if alike.is_empty() {
        return Ok(());
    }
    let now = vsphere.api.virtual_machines().server_time().await.doing(doing())?;
    let Some((_, tree)) = alike.iter().find(|(_, t)| is_recent(&t.create_time, &now)) else { return Ok(()) };
    if vsphere.run::<Taken>().0.lock().is_ok_and(|own| own.contains(&*tree.snapshot.id)) {
        return Ok(());
    }
    let detail = format!(
        "It was taken at {}, less than an hour ago, with the same description; by a run that was interrupted, or by someone \
         else. Import it: terraform import <address> {}. To take another one, give it another name or description.",
        tree.create_time, tree.snapshot.id
    );
    let summary = format!("The virtual machine has {} already", plan.title());
    Err(Diagnostics::error(M::SNAPSHOT_NAME, summary, detail))
}

/// Whether something was made within the hour before; not where the moments cannot be read. Pure.
fn is_recent(made: &str, now: &str) -> bool {
    let time = |text: &str| humantime::parse_rfc3339_weak(text).ok();
    let (Some(made), Some(now)) = (time(made), time(now)) else { return false };
    now.duration_since(made).is_ok_and(|age| age.as_secs() < 3600)
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidName { .. } => Some(M::SNAPSHOT_NAME),
        FaultKind::ManagedObjectNotFound { .. } => Some(M::VIRTUAL_MACHINE_UUID),
        _ => None,
    }
}

/// The virtual machine that an import names, the identifier for it that a state may have, and the rest of the text. Inventory
/// paths can hold colons.
async fn split<'a>(vsphere: &Vsphere, id: &'a str) -> Result<(MoRef, Option<String>, &'a str)> {
    let form = || {
        let detail = "It has no colon between a virtual machine and a snapshot.";
        Diagnostics::error(
            AttributePath::root(),
            format!("{id:?} does not name a snapshot of a virtual machine"),
            detail,
        )
    };
    if !id.starts_with('/') {
        let (vm, snapshot) = id.split_once(':').ok_or_else(form)?;
        return Ok((
            machine::resolve(vsphere, vm, AttributePath::root()).await?,
            Some(vm.to_owned()),
            snapshot,
        ));
    }
    let mut wrong = form();
    for (n, (at, _)) in id.match_indices(':').enumerate() {
        match lookup::imported(vsphere, &id[..at], "VirtualMachine").await {
            Ok(vm) => return Ok((vm, None, &id[at + 1..])),
            Err(e) if n == 0 => wrong = e,
            Err(_) => {}
        }
    }
    Err(wrong)
}

/// The one snapshot that is called so: by its managed object id, its path of names, or its name. Pure.
fn chosen(all: &[(String, &VirtualMachineSnapshotTree)], wanted: &str) -> Result<MoRef> {
    let rank = |path: &str, tree: &VirtualMachineSnapshotTree| {
        if *tree.snapshot.id == *wanted {
            Some(0)
        } else if path == wanted || path.trim_start_matches('/') == wanted {
            Some(1)
        } else {
            (tree.name == wanted || same_name(&tree.name, wanted)).then_some(2)
        }
    };
    let ranked: Vec<_> = all.iter().filter_map(|s| Some((rank(&s.0, s.1)?, s))).collect();
    let best = ranked.iter().map(|(rank, _)| *rank).min();
    let found: Vec<_> = ranked.iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, s)| s).collect();
    if let [(_, one)] = found.as_slice() {
        return Ok(one.snapshot.clone());
    }
    if !found.is_empty() {
        let lines = found.iter().map(|(path, t)| format!("{path} ({})", t.snapshot.id));
        let detail =
            format!("Name the one that is meant by its managed object id:\n{}", lookup::listed(lines));
        return Err(Diagnostics::error(
            AttributePath::root(),
            format!("Several snapshots are called {wanted:?}"),
            detail,
        ));
    }
    let detail = if all.is_empty() {
        "The virtual machine has no snapshots.".to_owned()
    } else {
        let lines = all.iter().map(|(path, t)| format!("{path} ({})", t.snapshot.id));
        format!("The virtual machine has these:\n{}", lookup::listed(lines))
    };
    Err(Diagnostics::error(AttributePath::root(), format!("There is no snapshot {wanted:?}"), detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(name: &str, id: &str) -> VirtualMachineSnapshotTree {
        VirtualMachineSnapshotTree {
            name: name.to_owned(),
            snapshot: MoRef::new("VirtualMachineSnapshot", id),
            quiesced: true,
            state: VirtualMachinePowerState::PoweredOn,
            ..Default::default()
        }
    }

    #[test]
    fn a_snapshot_is_chosen_by_id_path_or_name() {
        let (a, b, c) = (tree("a", "snapshot-1"), tree("b", "snapshot-2"), tree("b", "snapshot-3"));
        let all = [("/a".to_owned(), &a), ("/a/b".to_owned(), &b), ("/b".to_owned(), &c)];
        let of = |wanted: &str| chosen(&all, wanted).map(|m| m.id.to_string()).map_err(|e| e.to_string());
        assert_eq!(of("snapshot-3").unwrap(), "snapshot-3");
        assert_eq!(of("/a/b").unwrap(), "snapshot-2");
        assert_eq!(of("a/b").unwrap(), "snapshot-2");
        assert_eq!(of("a").unwrap(), "snapshot-1");
        // A path before a name.
        assert_eq!(of("b").unwrap(), "snapshot-3");
        // The vSphere Client escapes what it names after the time.
        let dated = tree("VM Snapshot 1%2f1%2f2021", "snapshot-4");
        let one = [("/VM Snapshot 1/1/2021".to_owned(), &dated)];
        for wanted in ["VM Snapshot 1/1/2021", "VM Snapshot 1%2f1%2f2021"] {
            assert_eq!(*chosen(&one, wanted).unwrap().id, *"snapshot-4", "{wanted}");
        }
        assert_eq!(M::default().observed(&dated).snapshot_name.as_str(), "VM Snapshot 1/1/2021");
        assert!(of("c").unwrap_err().contains("/a/b (snapshot-2)"));
        let twins = [("/a/b".to_owned(), &b), ("/x/b".to_owned(), &c)];
        assert!(chosen(&twins, "b").unwrap_err().to_string().contains("Several snapshots"));
        assert!(chosen(&[], "b").unwrap_err().to_string().contains("has no snapshots"));
    }

    #[test]
    fn what_was_asked_for_stays_and_an_import_is_filled_in() {
        let asked =
            M { snapshot_name: "x".into(), memory: false.into(), quiesce: false.into(), ..M::default() };
        let seen = asked.observed(&tree("renamed", "snapshot-1"));
        assert_eq!(
            (seen.snapshot_name.as_str(), seen.memory, seen.quiesce),
            ("x", false.into(), false.into())
        );
        let seen = M::default().observed(&tree("a", "snapshot-1"));
        assert_eq!((seen.snapshot_name.as_str(), seen.memory, seen.quiesce), ("a", true.into(), true.into()));
    }
}
