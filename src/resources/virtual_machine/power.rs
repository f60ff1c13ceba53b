//! Turning a machine off and on for a change.
use super::VirtualMachine;
use super::effects::{Effect, Effects};
use super::identity::title;
use super::model::VirtualMachineModel as M;
use crate::fault::{Explain, capital, nobody};
use std::fmt::Write;
use std::time::Duration;
use tf_framework::{Cx, Diagnostics, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::virtual_machine::{Shutdown, Wait};

/// What a state says of a machine that is on.
pub(super) const ON: &str = "on";

/// How long powering off may take.
const POWER_OFF: Duration = Duration::from_secs(300);

fn list(effects: &[Effect]) -> String {
    effects.iter().fold(String::new(), |mut text, e| {
        let _ = write!(text, "\n- {}", e.what);
        text
    })
}

/// What a plan says of turning the machine off: a warning, or an error where that is not allowed. Pure.
pub(super) fn announce(m: &M, effects: &Effects) -> Diagnostics {
    if effects.power_off.is_empty() {
        return Diagnostics::default();
    }
    let why = list(&effects.power_off);
    if m.allow_reboot.known() == Some(&false) {
        let mut out = Diagnostics::default();
        for e in &effects.power_off {
            let detail = format!(
                "{} is on, and {}, which it cannot take while it runs. `allow_reboot = false` forbids turning it off. Turn \
                 it off by hand, undo the change, or allow it.",
                capital(&title(m)),
                e.what
            );
            out.merge(Diagnostics::error(e.at.clone(), "The change needs the machine to be off", detail));
        }
        return out;
    }
    let how = match (m.shutdown_wait_timeout.known(), m.force_power_off.known()) {
        (Some(minutes), Some(false)) => {
            format!("Its guest is asked to shut down, for {minutes} min; if it does not, that is an error.")
        }
        (Some(minutes), _) => {
            format!("Its guest is asked to shut down; after {minutes} min it is powered off.")
        }
        _ => String::new(),
    };
    let detail = format!("It is on, and cannot take all of the change while it runs:{why}\n{how}");
    let summary = format!("{} is turned off and on again", capital(&title(m)));
    Diagnostics::warning(effects.power_off[0].at.clone(), summary, detail)
}

/// Whether the machine is going to be turned off: known from the state.
pub(super) fn reboots(prior: &M, effects: &Effects) -> bool {
    prior.power_state.as_str() == ON && !effects.power_off.is_empty()
}

/// What a plan says of data that is deleted: a warning. Pure.
pub(super) fn losses(m: &M, effects: &Effects) -> Diagnostics {
    if effects.destroys.is_empty() {
        return Diagnostics::default();
    }
    let detail = format!(
        "This plan deletes data of {}:{}\n`keep_on_remove = true` on a disk keeps its file.",
        title(m),
        list(&effects.destroys)
    );
    let summary = match effects.destroys.len() {
        1 => "A disk is going to be deleted".to_owned(),
        n => format!("{n} disks are going to be deleted"),
    };
    Diagnostics::warning(effects.destroys[0].at.clone(), summary, detail)
}

/// A number of minutes of the configuration.
pub(super) fn minutes(v: &Value<i64>, default: i64) -> Duration {
    let n = v.known().copied().unwrap_or(default);
    Duration::from_secs(60 * u64::try_from(n).unwrap_or_default())
}

/// Turns the machine off, as its attributes say.
///
/// # Errors
/// The guest did not shut down, and may not be powered off.
pub(super) async fn off(cx: &Cx<'_, VirtualMachine>, m: &M, vm: &MoRef) -> Result<()> {
    let vsphere = cx.client();
    let grace = minutes(&m.shutdown_wait_timeout, 3);
    let force = m.force_power_off.known().copied().unwrap_or(true);
    let wait = Wait::new(POWER_OFF, cx.cancel());
    let done = vsphere.api.virtual_machines().shut_down(vm, grace, force, wait).await;
    if let Err(e) = &done
        && !force
        && (e.fault().is_some() || matches!(e, vsphere_client::Error::Timeout { .. }))
    {
        let detail = format!(
            "{} It has {} min (`shutdown_wait_timeout`), and `force_power_off = false` forbids powering it off. Shut \
             the guest down by hand and apply again, or allow it.",
            crate::fault::sentence(e),
            grace.as_secs() / 60
        );
        let summary = format!("The guest of {} did not shut down", title(m));
        return Err(Diagnostics::error(M::SHUTDOWN_WAIT_TIMEOUT, summary, detail));
    }
    let how = done.explain(vsphere, format!("turn {} off", title(m)), nobody).await?;
    if let Shutdown::Forced(why) = how {
        tracing::info!(vm = %vm, why, "powered off");
    }
    Ok(())
}

/// Turns the machine on.
///
/// # Errors
/// Why it could not be turned on.
pub(super) async fn on(cx: &Cx<'_, VirtualMachine>, m: &M, vm: &MoRef) -> Result<()> {
    let vsphere = cx.client();
    let seconds = u64::try_from(m.poweron_timeout.known().copied().unwrap_or(300)).unwrap_or(300);
    let wait = Wait::new(Duration::from_secs(seconds), cx.cancel());
    // The configured host, if any; otherwise vSphere chooses.
    let host = cx.config().map(|c| c.host()).unwrap_or_default();
    let done = vsphere.api.virtual_machines().power_on(vm, host.as_ref(), wait).await;
    done.explain(vsphere, format!("turn {} on", title(m)), nobody).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_framework::AttributePath;

    fn effects() -> Effects {
        let mut all = Effects::default();
        all.power_off(M::FIRMWARE, "`firmware` changes from \"bios\" to \"efi\"");
        all.power_off(M::NUM_CPUS, "`num_cpus` changes from 4 to 2");
        all
    }

    #[test]
    fn turning_off_is_announced_or_refused() {
        let m = M { name: "web".into(), shutdown_wait_timeout: 3.into(), ..M::default() };
        let said = announce(&m, &effects());
        assert!(!said.has_errors() && said.0.len() == 1);
        assert!(said.0[0].detail.contains("num_cpus") && said.0[0].detail.contains("after 3 min"));
        let refused = announce(&M { allow_reboot: false.into(), ..m.clone() }, &effects());
        let at: Vec<String> = refused.0.iter().map(|d| d.at.to_string()).collect();
        assert!(refused.has_errors());
        assert_eq!(at, ["firmware", "num_cpus"]);
        assert!(announce(&M { allow_reboot: false.into(), ..m }, &Effects::default()).is_empty());
    }

    #[test]
    fn a_machine_that_is_off_is_not_turned_off() {
        let state = |power: &str| M { power_state: power.into(), ..M::default() };
        assert!(reboots(&state("on"), &effects()));
        assert!(!reboots(&state("off"), &effects()));
        assert!(!reboots(&state("on"), &Effects::default()));
    }

    #[test]
    fn what_is_deleted_is_listed() {
        let mut all = Effects::default();
        all.destroys(AttributePath::root().name("disk"), "the disk \"data\" (scsi:0:1, 20 GiB)");
        let said = losses(&M { name: "web".into(), ..M::default() }, &all);
        assert!(said.0[0].detail.contains("20 GiB"), "{:?}", said.0);
    }
}
