//! Making a template, and changing one: it is a virtual machine meanwhile.
use super::VirtualMachineTemplate;
use super::model::TemplateModel as M;
use super::snapshot::{self, Existing};
use super::{image, imported};
use crate::common::folders;
use crate::common::lookup::listed;
use crate::common::moid::{Host, MoId, ResourcePool};
use crate::fault::{Doing, capital, or_absent};
use crate::vm::virtual_machine::parts;
use crate::vsphere::Vsphere;
use serde_json::Value as Json;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Result};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use vsphere_client::virtual_machine::{VirtualMachine as Machine, Wait};
use vsphere_client::{FaultKind, MoRef, unescape};

/// How long to wait, after a failure or an interrupt, until a template can be marked again.
const AGAIN: Duration = Duration::from_secs(60);

/// The methods that vCenter must permit before a virtual machine is marked as a template.
const MARKABLE: [&str; 2] = ["MarkAsTemplate", "PowerOnVM_Task"];
const SNAPSHOT: &str = "CreateSnapshot_Task";

/// Makes it, and marks it.
pub(super) async fn create(cx: &Cx<'_, VirtualMachineTemplate>, plan: M) -> Result<M> {
    let (vsphere, machine) = (cx.client(), plan.machine());
    let folder = parts::folder(vsphere, &machine).await?;
    plan.labels.before_create(vsphere, "VirtualMachine").await?;
    // Chosen here, so that what an interrupted call has made can be found.
    let instance = Uuid::new_v4().to_string();
    let made = match plan.disk_image.first() {
        Some(image) => Box::pin(image::make(cx, &plan, image, &folder, &instance)).await,
        None => Box::pin(parts::make(cx, &machine, &folder, &instance)).await,
    };
    let object = match made {
        Ok(object) => object,
        Err(mut broken) => {
            let Some(object) = parts::survivor(vsphere, &instance).await else { return Err(broken) };
            cx.checkpoint(&begun(&plan, &object));
            let detail = format!(
                "It is in the state as {object}, marked as tainted: the next apply replaces it. `terraform untaint` keeps it; \
                 the next apply then continues."
            );
            let summary = format!("{} exists", capital(&plan.title()));
            broken.merge(Diagnostics::warning(AttributePath::root(), summary, detail));
            return Err(broken);
        }
    };
    cx.checkpoint(&begun(&plan, &object));
    let done = async {
        plan.labels.apply(vsphere, &object, None).await?;
        Box::pin(bring(cx, None, &plan, &object)).await
    }
    .await;
    if done.is_err() {
        keep(cx, begun(&plan, &object)).await;
    }
    done.map(|()| begun(&plan, &object))
}

/// A state that identifies the template.
pub(super) fn begun(plan: &M, object: &MoRef) -> M {
    let id = object.id.to_string();
    M { id: id.clone().into(), moid: id.into(), ..plan.clone() }
}

/// After a failure: the state is what exists.
async fn keep(cx: &Cx<'_, VirtualMachineTemplate>, state: M) {
    if let Ok(Some(state)) = super::read(cx, state).await {
        cx.checkpoint(&state);
    }
}

/// Changes it.
pub(super) async fn update(cx: &Cx<'_, VirtualMachineTemplate>, prior: M, plan: M) -> Result<M> {
    let vsphere = cx.client();
    cx.set_private(imported::FOUND, Json::Null);
    let Some((object, _)) = parts::find(vsphere, &prior.machine()).await? else {
        let detail = "It was deleted after the plan. Plan again to create it again.";
        let summary = format!("{} does not exist", capital(&prior.title()));
        return Err(Diagnostics::error(AttributePath::root(), summary, detail));
    };
    let done = async {
        if !plan.folder.is_unknown()
            && !parts::same_folder(&prior.folder.as_str().into(), &plan.folder.as_str().into())
        {
            let to = parts::folder(vsphere, &plan.machine()).await?;
            folders::move_into(cx, &object, &to, prior.title(), M::FOLDER).await?;
        }
        plan.labels.apply(vsphere, &object, Some(&prior.labels)).await?;
        Box::pin(bring(cx, Some(&prior), &plan, &object)).await
    }
    .await;
    if let Err(e) = done {
        // What is only used to make and convert it is as it was.
        keep(cx, prior).await;
        return Err(e);
    }
    Ok(plan)
}

/// Brings it from what it is to what is planned, and marks it as a template. What has to be converted for that is marked
/// again, also if the change fails.
async fn bring(
    cx: &Cx<'_, VirtualMachineTemplate>,
    prior: Option<&M>,
    plan: &M,
    object: &MoRef,
) -> Result<()> {
    let (vsphere, machine) = (cx.client(), plan.machine());
    let machines = vsphere.api.virtual_machines();
    let wait = || Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let vm = machines.get(object).await.doing(format!("read {}", plan.title()))?;
    let before = prior.map(|p| p.extra_config.get()).unwrap_or_default();
    let change = Box::pin(parts::changes(vsphere, &machine, &vm, &plan.sizes(), &before)).await?;
    let snapshot = snapshot_change(prior, plan, &vm);
    let moves = prior.is_some_and(|p| parts::moves(&p.machine(), &machine));
    let was_template = vm.is_template();
    if !was_template {
        is_off(&vm, plan)?;
    } else if change.suits_template() && snapshot == snapshot::Change::Nothing && !moves {
        return Box::pin(change.apply(vsphere, &machine, object, wait())).await;
    } else {
        convert(vsphere, plan, object).await?;
    }
    let done = async {
        if prior.is_none() {
            // The import, or the clone, may not have ended for vCenter.
            let until = machines.until_enabled(object, &MARKABLE, wait()).await;
            until.doing(format!("mark {}", plan.title()))?;
        }
        Box::pin(change.apply(vsphere, &machine, object, wait())).await?;
        if let Some(prior) = prior.filter(|_| moves) {
            Box::pin(parts::relocate(cx, &prior.machine(), &machine, object)).await?;
        }
        change_snapshot(cx, plan, object, snapshot).await
    }
    .await;
    // What was never marked is not: the next apply replaces it, or continues.
    let marked = match &done {
        Err(_) if prior.is_none() => Ok(()),
        Err(_) => mark(vsphere, plan, object, Wait::new(AGAIN, &CancellationToken::new())).await,
        Ok(()) => mark(vsphere, plan, object, wait()).await,
    };
    let mut out = Diagnostics::default();
    for failed in [done, marked].into_iter().filter_map(Result::err) {
        out.merge(failed);
    }
    out.into_result(())
}

/// A virtual machine that is on is not marked.
fn is_off(vm: &Machine, plan: &M) -> Result<()> {
    let state = match vm.power_state.as_str() {
        "poweredOn" => "powered on",
        "suspended" => "suspended",
        _ => return Ok(()),
    };
    let detail = format!(
        "It was converted to a virtual machine outside Terraform, and it is {state}. Power it off, and apply again: a template \
         is powered off."
    );
    let summary = format!("{} is {state}", capital(&plan.title()));
    Err(Diagnostics::error(AttributePath::root(), summary, detail))
}

async fn convert(vsphere: &Vsphere, plan: &M, object: &MoRef) -> Result<()> {
    let pool = MoId::<ResourcePool>::object(plan.resource_pool_id.as_str());
    let host = plan.host_system_id.non_empty().map(MoId::<Host>::object);
    let done = vsphere.api.virtual_machines().mark_as_virtual_machine(object, &pool, host.as_ref()).await;
    done.doing_to(format!("convert {} to a virtual machine", plan.title()), |kind| match kind {
        FaultKind::InvalidArgument { property: Some(p) } if p.contains("host") => Some(M::HOST_SYSTEM_ID),
        FaultKind::InvalidArgument { .. } | FaultKind::ManagedObjectNotFound { .. } => {
            Some(M::RESOURCE_POOL_ID)
        }
        _ => None,
    })
}

async fn mark(vsphere: &Vsphere, plan: &M, object: &MoRef, wait: Wait<'_>) -> Result<()> {
    let machines = vsphere.api.virtual_machines();
    let done = match machines.until_enabled(object, &MARKABLE, wait).await {
        Ok(()) => machines.mark_as_template(object).await,
        Err(e) => Err(e),
    };
    match done {
        // Another client has marked it.
        Err(e) if machines.get(object).await.is_ok_and(|vm| vm.is_template()) => {
            tracing::debug!(error = %e, "it is a template");
            Ok(())
        }
        done => done.doing(format!("mark {} as a template", plan.title())),
    }
}

fn existing(vm: &Machine) -> Vec<Existing> {
    let all = vm.snapshots();
    all.iter()
        .map(|(_, s)| Existing { id: s.snapshot.id.to_string(), name: unescape(&s.name).into_owned() })
        .collect()
}

fn snapshot_change(prior: Option<&M>, plan: &M, vm: &Machine) -> snapshot::Change {
    let before = prior.map(|p| p.snapshot_id.as_str()).unwrap_or_default();
    snapshot::change(&existing(vm), before, plan.snapshot_name.as_str())
}

/// The ID of the snapshot that a state is about.
pub(super) fn snapshot_of(vm: &Machine, state: &M) -> Option<Existing> {
    let all = existing(vm);
    let by_id = all.iter().find(|s| s.id == state.snapshot_id.as_str());
    by_id.or_else(|| all.iter().find(|s| s.name == state.snapshot_name.as_str())).cloned()
}

async fn change_snapshot(
    cx: &Cx<'_, VirtualMachineTemplate>,
    plan: &M,
    object: &MoRef,
    change: snapshot::Change,
) -> Result<()> {
    let vsphere = cx.client();
    let machines = vsphere.api.virtual_machines();
    let wait = || Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let of = |id: &str| MoRef::new("VirtualMachineSnapshot", id);
    let at = |_: &FaultKind| Some(M::SNAPSHOT_NAME);
    match change {
        snapshot::Change::Nothing => Ok(()),
        snapshot::Change::Take(name) => {
            let doing = format!("take the snapshot {name:?} of {}", plan.title());
            machines.until_enabled(object, &[SNAPSHOT], wait()).await.doing(&doing)?;
            machines.create_snapshot(object, &name, "", false, false, wait()).await.doing_to(doing, at)?;
            Ok(())
        }
        snapshot::Change::Rename(id, name) => {
            let done = machines.edit_snapshot(&of(&id), Some(&name), None).await;
            done.doing_to(format!("rename the snapshot {id} of {}", plan.title()), at)
        }
        snapshot::Change::Remove(id) => {
            refuse_users(vsphere, plan, object, "The snapshot cannot be removed").await?;
            let done = or_absent(machines.remove_snapshot(&of(&id), false, true, wait()).await);
            done.doing_to(format!("remove the snapshot {id} of {}", plan.title()), at)
        }
    }
}

/// Refuses what would delete files that other virtual machines use: linked clones.
///
/// # Errors
/// The virtual machines, by path.
async fn refuse_users(vsphere: &Vsphere, state: &M, object: &MoRef, summary: &str) -> Result<()> {
    let doing = || format!("look for linked clones of {}", state.title());
    let machines = vsphere.api.virtual_machines();
    let vm = machines.get(object).await.doing(doing())?;
    let files = parts::files(&vm);
    // Not what was read earlier in this run: it destroys linked clones, too.
    let all = machines.on_datastores(&vm.datastores).await.doing(doing())?;
    let uses = |(other, n): &&(MoRef, vsphere_client::virtual_machine::Neighbor)| {
        other != object && n.disks.iter().chain(&n.parents).any(|f| files.contains(f))
    };
    let users: Vec<_> = all.iter().filter(uses).collect();
    if users.is_empty() {
        return Ok(());
    }
    let mut paths = vec![];
    for (other, n) in users {
        let path = vsphere.api.find().path_of(other).await.unwrap_or_else(|_| n.name.clone());
        paths.push(format!("{path} ({})", other.id));
    }
    let detail = format!(
        "These virtual machines use its disks, as linked clones do:\n{}\nDestroy them first, or make them independent of it, as \
         `PromoteDisks_Task` of the vSphere API does.",
        listed(paths.into_iter())
    );
    Err(Diagnostics::error(AttributePath::root(), summary, detail))
}

/// Destroys it, unless linked clones use its disks.
pub(super) async fn destroy(cx: &Cx<'_, VirtualMachineTemplate>, state: M) -> Result<()> {
    let vsphere = cx.client();
    let Some((object, vm)) = parts::find(vsphere, &state.machine()).await? else { return Ok(()) };
    if !vm.is_template() {
        is_off(&vm, &state)?;
    }
    let summary = format!("{} is used", capital(&state.title()));
    refuse_users(vsphere, &state, &object, &summary).await?;
    let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let done = or_absent(vsphere.api.virtual_machines().destroy(&object, wait).await);
    done.doing(format!("destroy {}", state.title()))
}
