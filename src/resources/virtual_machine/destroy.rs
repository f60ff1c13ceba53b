//! Destroying a machine, and nothing else.
use super::VirtualMachine;
use super::assembly::Assembly;
use super::identity::{self, title};
use super::model::VirtualMachineModel as M;
use super::{disks, power};
use crate::fault::{Explain, nobody, or_gone};
use crate::vsphere::whole;
use std::fmt::Write;
use std::time::Duration;
use tf_framework::{Cx, Diagnostics, Result};
use vsphere_client::device::HardwareVersion;
use vsphere_client::vim::types::VirtualMachineConfigSpec;
use vsphere_client::virtual_machine::Wait;

/// How long it may take to detach disks.
const DETACH: Duration = Duration::from_secs(600);

/// What a plan says of a destruction: a refusal where the machine is protected, a warning where something is lost that
/// the plan does not show. Pure.
pub(super) fn announce(state: &M) -> Diagnostics {
    if state.deletion_protection.get() {
        let detail = "`deletion_protection = true` forbids it. Set it to false and apply that first; or take the machine \
                      out of the state with `terraform state rm`, which leaves it where it is.";
        let summary = format!("{} is protected", power::capital(&title(state)));
        return Diagnostics::error(M::DELETION_PROTECTION, summary, detail);
    }
    let on = state.power_state.as_str() == power::ON;
    let lost = disks::lost_with(state);
    if !on && lost.is_empty() {
        return Diagnostics::default();
    }
    let mut detail = String::new();
    if on {
        detail.push_str("It is on, and is turned off first. ");
    }
    if !lost.is_empty() {
        detail.push_str("Deleted with it:");
        for disk in &lost {
            let _ = write!(detail, "\n- {disk}");
        }
    }
    let summary = format!("{} is going to be destroyed", power::capital(&title(state)));
    Diagnostics::warning(whole(), summary, detail.trim_end())
}

/// Turns it off, detaches the disks that are not its own, and destroys it.
pub(super) async fn destroy(cx: &Cx<'_, VirtualMachine>, state: M) -> Result<()> {
    let vsphere = cx.client();
    if state.deletion_protection.get() {
        return Err(announce(&state));
    }
    let kept = cx.private(identity::PLACE);
    let Some(found) = identity::find(vsphere, &state, kept.as_ref()).await? else { return Ok(()) };
    power::off(cx, &state, &found.object).await?;
    let own = disks::Own::read(cx.private(disks::OWN).as_ref());
    let hardware = found.vm.hardware_version().unwrap_or(HardwareVersion(0));
    let mut assembly = Assembly::of(found.vm.devices(), hardware);
    disks::detach_before_destroy(&found.vm, &state, &own, &mut assembly);
    let machines = vsphere.api.virtual_machines();
    if !assembly.is_empty() {
        let (device_change, _) = assembly.finish();
        let spec = VirtualMachineConfigSpec { device_change, ..Default::default() };
        let done = machines.reconfigure(&found.object, spec, Wait::new(DETACH, cx.cancel())).await;
        let doing = format!("detach the disks that stay from {}", title(&state));
        done.explain(vsphere, doing, nobody).await?;
    }
    let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
    let done = or_gone(machines.destroy(&found.object, wait).await);
    done.explain(vsphere, format!("destroy {}", title(&state)), nobody).await
}
