//! Bringing a machine from what it is to what is planned.
use super::VirtualMachine;
use super::assembly::Assembly;
use super::blame::explain;
use super::hardware::{self, Base};
use super::identity::{self, Found};
use super::model::{VirtualMachineModel as M, title};
use super::transition::{Operation, Power};
use super::{
    bootstrap, clone, create, disks, encryption, evc, extra_config, guest, left, name, observe, place, power,
    power_state, resize, uuids, video_card,
};
use crate::fault::{Doing, capital};
use crate::turnover::Turnover;
use serde_json::Value as Json;
use tf_framework::{AttributePath, Cx, Diagnostics, Result};
use vsphere_client::device::HardwareVersion;
use vsphere_client::same_name;
use vsphere_client::vim::types::{OptionValue, VirtualMachineConfigSpec};
use vsphere_client::virtual_machine::{VirtualMachine as Machine, Wait};
use vsphere_client::{FaultKind, MoRef};

/// Applies the differences. When a step fails, the state has the values up to then.
pub(super) async fn update(cx: &Cx<'_, VirtualMachine>, prior: M, planned: M) -> Result<M> {
    let instance = uuids::instance(&prior).unwrap_or_default();
    let plan = bootstrap::with_instance(planned.with_words_of(cx.config()), &instance);
    let vsphere = cx.client();
    let kept = cx.private(identity::PLACE);
    let Some(found) = identity::find(vsphere, &prior, kept.as_ref()).await? else {
        let detail = "It was deleted after the plan. Plan again to create it again.";
        return Err(Diagnostics::error(
            AttributePath::root(),
            format!("{} does not exist", capital(&title(&prior))),
            detail,
        ));
    };
    let (object, before) = (found.object.clone(), found.vm.clone());
    uuids::kept(cx.config(), &before)?;
    create::note_left(cx, &found, &prior, false);
    let done = async {
        move_and_label(cx, &prior, &plan, &found).await?;
        let turned_on = Box::pin(bring(cx, Origin::State(&prior), &plan, found, None)).await?;
        clone::promote(cx, Some(&prior), &plan, &object).await?;
        Ok(turned_on)
    }
    .await;
    // What is there is in the state, whatever happened.
    let after = identity::find(vsphere, &prior, kept.as_ref()).await.ok().flatten();
    if let Some(found) = &after {
        let own = disks::Own::read(cx.private(disks::OWN).as_ref());
        let own = own.after_change(&before, &prior, &found.vm, &plan);
        let made = cx.private(disks::MADE);
        cx.set_private(disks::OWN, own.with_made(&found.vm, &plan, made.as_ref(), Some(&before)).write());
        cx.set_private(disks::MADE, Json::Null);
        if let Some(mark) = disks::settle_mark(&found.vm) {
            cx.set_private(disks::SETTLED, mark);
        }
        cx.set_private(identity::PLACE, identity::place(&found.vm));
    }
    let turned_on = match done {
        Ok(turned_on) => turned_on,
        Err(e) => {
            if let Some(found) = &after
                && let Ok(state) = Box::pin(left::behind(cx, found, prior, plan)).await
            {
                cx.checkpoint(&state);
            }
            return Err(e);
        }
    };
    cx.set_private(extra_config::SEEN, Json::Null);
    cx.set_private(video_card::FOUND, Json::Null);
    cx.set_private(place::CLUSTER, Json::Null);
    cx.set_private(extra_config::WRITTEN, Json::Bool(true));
    power_state::remember(cx);
    if turned_on {
        cx.checkpoint(&plan);
        guest::wait(vsphere, &plan, &object, None, cx.cancel()).await?;
    }
    Ok(plan)
}

/// Folder, tags and custom attributes: nothing of it touches what runs.
async fn move_and_label(cx: &Cx<'_, VirtualMachine>, prior: &M, plan: &M, found: &Found) -> Result<()> {
    let vsphere = cx.client();
    let wait = (vsphere.timeout, cx.cancel());
    place::move_to_folder(vsphere, &found.object, prior, plan, wait).await?;
    plan.labels.apply(vsphere, &found.object, Some(&prior.labels)).await
}

fn relocation(prior: &M, plan: &M, vm: &Machine) -> Option<place::Relocation> {
    let (moving, staying): (Vec<_>, Vec<_>) =
        disks::moves(plan, &vm.devices()).into_iter().partition(|m| m.moves);
    let plain = |all: Vec<disks::Move>| all.into_iter().map(|m| (m.key, m.datastore)).collect::<Vec<_>>();
    place::relocation(prior, plan, &plain(moving), &plain(staying))
}

/// Where what a machine is comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    /// From a package: the machine was just made.
    Package,
    /// From a template: the machine was just made.
    Clone {
        /// Whether its disks are differences to the template's.
        linked: bool,
    },
    /// From this state.
    State(&'a M),
}

/// Hardware, settings, name and place, from what there is. `around` is what the plan refers to, where that was looked up
/// before. Returns whether the virtual machine was powered on again.
pub(super) async fn bring(
    cx: &Cx<'_, VirtualMachine>,
    origin: Origin<'_>,
    plan: &M,
    found: Found,
    around: Option<hardware::Around>,
) -> Result<bool> {
    let vsphere = cx.client();
    let (object, vm) = (found.object.clone(), &found.vm);
    let prior = if let Origin::State(prior) = origin { Some(prior) } else { None };
    let around = match around {
        Some(around) => around,
        None => Box::pin(hardware::look_around(vsphere, prior, plan)).await?,
    };
    let version = vm.hardware_version().unwrap_or(HardwareVersion(0));
    let mut own = disks::Own::read(cx.private(disks::OWN).as_ref());
    if let Some(prior) = prior {
        let files = disks::deleted_files(vm, prior, plan);
        let used = Box::pin(place::used_by_others(vsphere, &found, &files)).await;
        for (file, why) in &used {
            cx.warn(M::DISK, "The file of a disk is not deleted", format!("{file} stays: {why}."));
        }
        own = own.sparing(used);
    }
    let of_disks = match origin {
        Origin::State(_) => disks::Origin::Machine,
        // What a package has made is taken over as what a template has.
        Origin::Package => disks::Origin::Clone { linked: false },
        Origin::Clone { linked } => disks::Origin::Clone { linked },
    };
    let is_package = matches!(origin, Origin::Package);
    let config = cx.config();
    let base = Base { vm: Some(vm), prior, origin: of_disks, exists: true, is_package, own: &own, config };
    let mut request = hardware::request(&base, plan, &around, Assembly::of(vm.devices(), version))?;
    if prior.is_none() {
        uuids::complete(plan, vm, &mut request.spec);
        request.is_empty &= request.spec.uuid.is_none() && request.spec.instance_uuid.is_none();
    }
    if !same_name(&vm.name, plan.name.as_str()) {
        request.spec.name = Some(plan.name.as_str().to_owned());
        request.is_empty = false;
    }
    let crypto = encryption::due(prior, plan, Some(vm))?;
    request.effects.merge(crypto.effects());
    request.is_empty &= !crypto.add_to(Some(vm), &mut request.spec);
    let renames = prior.is_some() && request.spec.name.is_some();
    if let Some(prior) = prior.filter(|_| renames) {
        // What was read is of the time before the move to another folder.
        let folder = if prior.folder == plan.folder {
            vm.parent.clone()
        } else {
            place::folder(vsphere, plan.resource_pool_id.as_str(), plan.folder.as_str()).await.ok()
        };
        if let Some(folder) = folder {
            name::turn(cx, plan, &folder, Some(&object)).await?;
        }
    }
    let moves = prior.and_then(|prior| relocation(prior, plan, vm));
    let name = title(prior.unwrap_or(plan));
    let is_on = vm.power_state.as_str() == "poweredOn";
    let is_off = vm.power_state.as_str() == "poweredOff";
    let goal = if prior.is_some() { power_state::goal(cx.config(), plan) } else { None };
    let cycles = !is_off && !request.effects.power_off.is_empty();
    let steps = match prior {
        Some(prior) => power_state::steps(prior, plan, goal, power_of(vm), cycles)?,
        None => power_state::Steps::default(),
    };
    let reboot = cycles && !steps.off_first;
    if reboot && prior.is_some() && resize::waits(plan) {
        return Err(resize::refused(&request.effects));
    }
    if reboot && prior.is_none() && clone::instant::is_declared(plan) {
        return Err(clone::instant::refused(&request.effects));
    }
    let is_marked = power::is_marked(vm);
    let due = prior.is_some() && goal.is_none() && power::is_due(cx, vm);
    if steps.off_first {
        Box::pin(power::off(cx, plan, &object)).await?;
        if plan.detach_volumes_on_power_off.get() {
            Box::pin(detach_volumes(cx, plan, &object)).await?;
        }
    } else if steps.resume_first {
        Box::pin(power::on(cx, plan, &object)).await?;
    }
    if reboot {
        let now = M { power_state: observe::power(vm).into(), ..plan.clone() };
        let mut said = power::announce(&now, &request.effects, goal);
        if let Some(before) = prior.and_then(|p| p.power_state.known()).filter(|p| !p.is_empty())
            && before != now.power_state.as_str()
        {
            said.merge(unannounced(&now));
        }
        if said.has_errors() {
            return Err(said);
        }
        if is_on {
            Box::pin(power::off_for_a_while(cx, plan, &object, is_marked)).await?;
        } else {
            power::off(cx, plan, &object).await?;
        }
    } else if is_marked && !due {
        // Left by a run that was killed, or taken over from a template.
        request.spec.extra_config.push(power::mark(false));
        request.is_empty = false;
    }
    let settled = cx.private(disks::SETTLED);
    let mark = disks::mark(vm, plan, &request.spec.device_change, settled.as_ref());
    // A machine that was just made is in no state: an import finds all that it has.
    let mark = mark.filter(|(_, number)| number.is_none() || prior.is_some()).filter(|_| !request.is_empty);
    let number = mark.as_ref().and_then(|(_, number)| *number);
    request.spec.extra_config.extend(mark.map(|(option, _)| option));
    let done = async {
        if reboot && cx.cancel().is_cancelled() {
            let stopped: vsphere_client::Result<()> = Err(vsphere_client::Error::Cancelled);
            stopped.doing(format!("update {name}"))?;
        }
        let machines = vsphere.api.virtual_machines();
        let timeout = cx.timeout(vsphere.timeout);
        let upgrade = async |to| {
            let to = u32::try_from(to).ok().map(HardwareVersion);
            let done = machines.upgrade_hardware(&object, to, Wait::new(timeout, cx.cancel())).await;
            let doing = format!("upgrade the hardware of {name}");
            done.doing_to(doing, |_| Some(M::HARDWARE_VERSION))
        };
        // vSphere upgrades no machine without a disk (`NoDiskFound`): one that gets its first has to have it before.
        let (first, last) = match request.upgrade {
            Some(to) if vm.devices().disks().is_empty() => (None, Some(to)),
            upgrade => (upgrade, None),
        };
        if let Some(to) = first {
            upgrade(to).await?;
        }
        if !request.is_empty {
            let wait = || Wait::new(timeout, cx.cancel());
            let perhaps = |mark| disks::marked(disks::perhaps(disks::to_make(plan)), mark);
            cx.set_private(disks::MADE, perhaps(number));
            let plain = without_marks(&request.spec);
            let mut done = Box::pin(place::reconfigure(vsphere, plan, &object, request.spec, wait())).await;
            let mut number = number;
            if let (Err(e), Some(plain)) = (&done, plain)
                && lacks(e, ADVANCED)
            {
                // A user who may not write marks loses no more than the help against being killed.
                number = None;
                cx.set_private(disks::MADE, perhaps(number));
                done = Box::pin(place::reconfigure(vsphere, plan, &object, plain, wait())).await;
            }
            let made = match &done {
                Ok(_) => disks::to_make(plan),
                // What vSphere has refused, it has not done.
                Err(e) if e.fault().is_some() => Json::Null,
                Err(_) => perhaps(number),
            };
            cx.set_private(disks::MADE, made);
            let done = explain(done, vsphere, format!("update {name}"), &request.blame, plan).await;
            crypto.explain(done)?;
            if renames {
                vsphere.run::<Turnover>().left(&object);
            }
        }
        if let Some(to) = last {
            upgrade(to).await?;
        }
        if let Some(masks) = &around.masks {
            evc::apply(vsphere, plan, &object, masks, Wait::new(timeout, cx.cancel())).await?;
        }
        if let (Some(_), Some(prior)) = (moves, prior) {
            // Disks may have been attached and detached since.
            let now = machines.get(&object).await;
            let now = now.doing(format!("read {name}"))?;
            let Some(moves) = relocation(prior, plan, &now) else { return Ok(()) };
            let wait = Wait::new(power::minutes(&plan.migrate_wait_timeout, 30), cx.cancel());
            Box::pin(place::relocate(vsphere, (&object, &now), plan, moves, wait)).await?;
        }
        Ok(())
    }
    .await;
    if (reboot && is_on) || due {
        // A machine that ran is not left off because of a change that failed, or of an interrupt.
        let on = Box::pin(power::on_again(cx, plan, &object)).await;
        let mut out = Diagnostics::default();
        for failed in [done, on].into_iter().filter_map(Result::err) {
            out.merge(failed);
        }
        out.into_result(())?;
        if steps.suspend {
            power_state::change(cx, plan, &object, Operation::Suspend).await?;
        }
        return Ok(!steps.suspend);
    }
    done?;
    if steps.on {
        Box::pin(power::on(cx, plan, &object)).await?;
    } else if steps.suspend {
        power_state::change(cx, plan, &object, Operation::Suspend).await?;
    } else if steps.restart {
        power_state::change(cx, plan, &object, Operation::Restart).await?;
    }
    Ok(steps.on || steps.resume_first || steps.restart)
}

/// Detaches the volumes of a machine that was powered off.
async fn detach_volumes(cx: &Cx<'_, VirtualMachine>, plan: &M, object: &MoRef) -> Result<()> {
    let (vsphere, name) = (cx.client(), title(plan));
    let machines = vsphere.api.virtual_machines();
    let vm = machines.get(object).await.doing(format!("read {name}"))?;
    let own = disks::Own::read(cx.private(disks::OWN).as_ref());
    let mut assembly = Assembly::of(vm.devices(), vm.hardware_version().unwrap_or(HardwareVersion(0)));
    disks::detach_volumes(&vm, plan, &own, &mut assembly);
    if assembly.is_empty() {
        return Ok(());
    }
    let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let done = place::detach(&machines, object, assembly, wait).await;
    done.doing_to(format!("detach the volumes of {name}"), |_| Some(M::DETACH_VOLUMES_ON_POWER_OFF))
}

/// The power state of a machine.
fn power_of(vm: &Machine) -> Power {
    Power::parse(observe::power(vm)).unwrap_or(Power::Off)
}

/// What writing extra configuration needs.
const ADVANCED: &str = "VirtualMachine.Config.AdvancedConfig";

/// The same request without marks, where they are all that needs [`ADVANCED`]; nothing where they are not, or where nothing
/// else would be left.
fn without_marks(spec: &VirtualMachineConfigSpec) -> Option<VirtualMachineConfigSpec> {
    let is_mark = |o: &OptionValue| [power::MARK, disks::MARK].contains(&o.key.as_str());
    if spec.extra_config.is_empty() || !spec.extra_config.iter().all(is_mark) {
        return None;
    }
    let plain = VirtualMachineConfigSpec { extra_config: vec![], ..spec.clone() };
    (plain != VirtualMachineConfigSpec::default()).then_some(plain)
}

/// Whether a call was refused because the user lacks a privilege.
fn lacks(e: &vsphere_client::Error, privilege: &str) -> bool {
    let Some(FaultKind::NoPermission { missing }) = e.fault_kind() else { return false };
    missing.iter().any(|m| m.privileges.iter().any(|p| &**p == privilege))
}

/// What is said of a machine whose power is not what the plan was made for: the plan has not said that it is turned off.
fn unannounced(now: &M) -> Diagnostics {
    let state = now.power_state.as_str();
    let detail = format!(
        "It is {state} now, and was not when this was planned. The change needs it to be off, which the plan did not say. \
         Plan again."
    );
    Diagnostics::error(
        AttributePath::root(),
        format!("{} is {state} since the plan", capital(&title(now))),
        detail,
    )
}
