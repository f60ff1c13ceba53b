//! Destroying a machine, and nothing else.
use super::VirtualMachine;
use super::assembly::Assembly;
use super::identity;
use super::model::{DiskModel, VirtualMachineModel as M, title};
use super::{create, disks, place, power, power_state};
use crate::fault::{Doing, capital, or_absent};
use std::fmt::Write;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Result};
use vsphere_client::device::HardwareVersion;
use vsphere_client::virtual_machine::Wait;

/// How long it may take to detach disks.
const DETACH: Duration = Duration::from_secs(600);

/// How often a machine is looked at before it is destroyed, as long as there is something to detach.
const LOOKS: u32 = 5;

/// What a plan says of a destruction: a refusal where the machine is protected, a warning where something is lost that
/// the plan does not show. Pure.
fn announce(state: &M, held: &disks::Held) -> Diagnostics {
    if state.deletion_protection.get() {
        let detail = "`deletion_protection = true` prevents it. Set it to `false` and apply that first, or remove the virtual machine \
                      from the state with `terraform state rm`, which keeps it in vCenter.";
        let summary = format!("{} is protected", capital(&title(state)));
        return Diagnostics::error(M::DELETION_PROTECTION, summary, detail);
    }
    let protected = power_state::protected(state);
    if protected.has_errors() {
        return protected;
    }
    let on = state.power_state.as_str() == power::ON;
    let lost = lost(state);
    let merges = held.holds_others(&disks::own_uuids(state));
    if !on && lost.is_empty() && !merges {
        return Diagnostics::default();
    }
    let mut detail = String::new();
    if on {
        detail.push_str("It is on, and is turned off first. ");
    }
    if merges {
        let snapshots = capital(&held.words());
        let verb = if held.snapshots.len() == 1 { "is" } else { "are" };
        let _ = write!(
            detail,
            "{snapshots} {verb} removed first: a disk that stays has to be detached, and vSphere does not detach a disk that \
             a snapshot holds. "
        );
    }
    if !lost.is_empty() {
        detail.push_str("Deleted with it:");
        for disk in &lost {
            let _ = write!(detail, "\n- {disk}");
        }
    }
    let summary = format!("{} is going to be destroyed", capital(&title(state)));
    Diagnostics::warning(AttributePath::root(), summary, detail.trim_end())
}

/// What is to be said of a destruction.
///
/// # Errors
/// The machine is protected.
pub(super) fn allowed(state: &M, held: &disks::Held) -> Result<Diagnostics> {
    let said = announce(state, held);
    if said.has_errors() { Err(said) } else { Ok(said) }
}

/// The disks whose files go with the machine, in words.
fn lost(state: &M) -> Vec<String> {
    let stays = |d: &DiskModel| d.attach.get() || d.keep_on_remove.get();
    let own = state.disk.known().into_iter().flatten().filter(|d| !stays(d));
    own.map(|d| {
        let size = d.size.known().map_or_else(String::new, |n| format!(", {n} GiB"));
        format!("the disk {:?} ({}{size})", d.label.as_str(), d.device_address.as_str())
    })
    .collect()
}

/// Turns it off, detaches the disks that are not its own, and destroys it.
pub(super) async fn destroy(cx: &Cx<'_, VirtualMachine>, state: M) -> Result<()> {
    let vsphere = cx.client();
    allowed(&state, &disks::Held::default())?;
    let kept = cx.private(identity::PLACE);
    let Some(found) = identity::find(vsphere, &state, kept.as_ref()).await? else { return Ok(()) };
    power::off(cx, &state, &found.object).await?;
    let machines = vsphere.api.virtual_machines();
    let mut used = disks::Used::new();
    for attempt in 1..=LOOKS {
        // While it was powered off, and while disks were detached, another disk may have been attached.
        let Some(found) = identity::find(vsphere, &state, kept.as_ref()).await? else { return Ok(()) };
        if attempt == 1 {
            create::note_left(cx, &found, &state, false);
            used = Box::pin(place::used_by_others(vsphere, &found, &disks::files(&found.vm))).await;
            for (file, why) in &used {
                cx.warn(M::DISK, "The file of a disk is not deleted", format!("{file} stays: {why}."));
            }
        }
        let own = disks::Own::read(cx.private(disks::OWN).as_ref()).sparing(used.clone());
        let mut assembly =
            Assembly::of(found.vm.devices(), found.vm.hardware_version().unwrap_or(HardwareVersion(0)));
        disks::detach_before_destroy(&found.vm, &state, &own, &mut assembly);
        if assembly.is_empty() {
            break;
        }
        if disks::any_held(&found.vm, &assembly) {
            // They go with the machine anyway; their differences are merged into the disks that stay.
            let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
            let done = machines.remove_all_snapshots(&found.object, true, wait).await;
            done.doing(format!("remove the snapshots of {}", title(&state)))?;
            continue;
        }
        let done = place::detach(&machines, &found.object, assembly, Wait::new(DETACH, cx.cancel())).await;
        let doing = format!("detach the disks that stay from {}", title(&state));
        done.doing(doing)?;
    }
    let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let done = or_absent(machines.destroy(&found.object, wait).await);
    done.doing(format!("destroy {}", title(&state)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> M {
        let disk = |label: &str, keep: bool| DiskModel {
            label: label.into(),
            size: 20.into(),
            device_address: "scsi:0:0".into(),
            keep_on_remove: keep.into(),
            ..Default::default()
        };
        M {
            name: "web".into(),
            power_state: "on".into(),
            disk: vec![disk("system", false), disk("data", true)].into(),
            ..M::default()
        }
    }

    #[test]
    fn what_is_lost_is_said() {
        let said = announce(&state(), &disks::Held::default());
        assert!(!said.has_errors());
        assert!(said.0[0].detail.contains("It is on") && said.0[0].detail.contains("system"));
        assert!(!said.0[0].detail.contains("data"), "{}", said.0[0].detail);
        let off = M { power_state: "off".into(), disk: vec![].into(), ..state() };
        assert!(announce(&off, &disks::Held::default()).is_empty());
    }

    #[test]
    fn what_is_protected_is_not_destroyed() {
        let said = announce(&M { deletion_protection: true.into(), ..state() }, &disks::Held::default());
        assert!(said.has_errors());
        assert_eq!(said.0[0].at.to_string(), "deletion_protection");
    }
}
