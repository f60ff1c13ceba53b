//! Turning a machine off and on for a change.
use super::VirtualMachine;
use super::effects::{Effect, Effects};
use super::model::{VirtualMachineModel as M, title};
use super::power_state;
use super::transition::Power;
use crate::fault::{Doing, capital};
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Result, Value};
use tokio_util::sync::CancellationToken;
use vsphere_client::MoRef;
use vsphere_client::vim::types::{OptionValue, VirtualMachineConfigSpec};
use vsphere_client::vim::xml::Any;
use vsphere_client::virtual_machine::{Grace, Shutdown, VirtualMachine as Machine, Wait};

/// What a state says of a machine that is on.
pub(super) const ON: &str = "on";
/// What a state says of a machine that is suspended.
pub(super) const SUSPENDED: &str = "suspended";

/// How long powering off may take.
const POWER_OFF: Duration = Duration::from_secs(300);

/// How long after an interrupt a machine that is turned off and on for a change may take for it.
const GRACE: Duration = Duration::from_secs(90);

/// The key of a machine's extra configuration that says that an update has turned it off, and that it is to be on. It is
/// written before it is turned off and taken away once it is on again: a run that was killed in between cannot say so.
pub(super) const MARK: &str = "vsphere-rs.turn_on";

/// What is kept beside the state: whether the machine is off because of a run that did not end.
pub(super) const TURN_ON: &str = "turn_on";

/// Whether a machine that is off is to be turned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// No.
    No,
    /// A run that made it or changed it has not come to that.
    Yes,
    /// It has the mark, and has been on since.
    Outdated,
    /// It is new, and `power_on_checks` has kept it off.
    Checked,
}

const CHECKED: &str = "checked";

impl Due {
    pub(super) fn read(kept: Option<&Json>) -> Self {
        match kept {
            Some(Json::Bool(true)) => Self::Yes,
            Some(Json::String(s)) if s == CHECKED => Self::Checked,
            Some(Json::String(_)) => Self::Outdated,
            _ => Self::No,
        }
    }

    /// Whether it is to be turned on by the next update.
    pub(super) fn is_now(self) -> bool {
        matches!(self, Self::Yes | Self::Checked)
    }

    fn write(self) -> Json {
        match self {
            Self::No => Json::Null,
            Self::Yes => json!(true),
            Self::Outdated => json!("outdated"),
            Self::Checked => json!(CHECKED),
        }
    }
}

/// Keeps it beside the state.
pub(super) fn remember(cx: &Cx<'_, VirtualMachine>, due: Due) {
    cx.set_private(TURN_ON, due.write());
}

/// Whether the machine has the mark.
pub(super) fn is_marked(vm: &Machine) -> bool {
    let options = vm.config.as_deref().map_or(&[][..], |c| &c.extra_config);
    let mark = options.iter().find(|o| o.key == MARK).and_then(|o| o.value.as_ref()?.to_text());
    mark.is_some_and(|v| !v.is_empty())
}

/// The mark, or its removal.
pub(super) fn mark(set: bool) -> OptionValue {
    let value = if set { "true" } else { "" };
    OptionValue { key: MARK.to_owned(), value: Some(Any::String(value.to_owned())) }
}

/// What is to be kept beside the state of a machine that was read. Pure.
fn seen(is_on: bool, is_marked: bool, before: Due) -> Due {
    match (is_on, is_marked, before) {
        (true, true, _) | (false, true, Due::Outdated) => Due::Outdated,
        (false, true, _) | (false, false, Due::Yes) => Due::Yes,
        (false, false, Due::Checked) => Due::Checked,
        (_, false, _) => Due::No,
    }
}

/// What is to be kept beside the state of a machine that was read.
pub(super) fn noticed(vm: &Machine, kept: Option<&Json>) -> Json {
    seen(vm.power_state.as_str() == "poweredOn", is_marked(vm), Due::read(kept)).write()
}

/// What a plan says of a machine that a run has left off; nothing where its configuration says what it is to be, or why it
/// stays off.
pub(super) fn resume(prior: &M, config: &M, planned: &mut M, kept: Option<&Json>) -> Diagnostics {
    let due = Due::read(kept);
    let managed = !config.power_state.is_null() || power_state::is_stopped(Some(config));
    if !due.is_now() || managed || prior.power_state.as_str() == ON {
        return Diagnostics::default();
    }
    // They change with every change.
    planned.power_state = Value::Unknown;
    planned.change_version = Value::Unknown;
    let detail = match due {
        Due::Checked => "`power_on_checks` has kept it off since it was created. It is turned on now.",
        _ => {
            "It is off because a run that made it, or turned it off for a change, did not end. It is turned on now."
        }
    };
    Diagnostics::warning(AttributePath::root(), format!("{} is turned on", capital(&title(planned))), detail)
}

/// Whether a machine that is off is to be turned on.
pub(super) fn is_due(cx: &Cx<'_, VirtualMachine>, vm: &Machine) -> bool {
    let due = || seen(false, is_marked(vm), Due::read(cx.private(TURN_ON).as_ref()));
    vm.power_state.as_str() == "poweredOff" && !power_state::is_stopped(cx.config()) && due().is_now()
}

/// Turns a machine off for a change, so that it is turned on again whatever ends the run. An interrupt does not stop it
/// halfway.
///
/// # Errors
/// As [`off`]; then it is on.
pub(super) async fn off_for_a_while(
    cx: &Cx<'_, VirtualMachine>,
    m: &M,
    vm: &MoRef,
    marked: bool,
) -> Result<()> {
    let vsphere = cx.client();
    if !marked {
        let done = write_mark(cx, vm, true, cx.cancel()).await;
        if let Err(e) = done {
            if e.fault().is_none() {
                return Err(e).doing(format!("turn {} off", title(m)));
            }
            // A user who may not change it loses no more than the help against being killed.
            tracing::info!(vm = %vm, error = %e, "the mark of a machine that is turned off cannot be written");
        }
    }
    remember(cx, Due::Yes);
    let grace = Grace::after(cx.cancel(), GRACE);
    let done = off_until(cx, m, vm, grace.token()).await;
    if done.is_err() {
        let seen = vsphere.api.virtual_machines().guest_now(vm).await;
        match seen {
            Ok(seen) if seen.power_state.as_str() == "poweredOn" => unmark(cx, vm, grace.token()).await,
            Ok(_) => on_again(cx, m, vm).await?,
            Err(_) => {}
        }
    }
    done
}

/// Turns a machine on again that was turned off for a change, also when the run was interrupted.
///
/// # Errors
/// As [`on`]; the next plan turns it on.
pub(super) async fn on_again(cx: &Cx<'_, VirtualMachine>, m: &M, vm: &MoRef) -> Result<()> {
    let grace = Grace::after(cx.cancel(), GRACE);
    on_until(cx, m, vm, grace.token()).await?;
    unmark(cx, vm, grace.token()).await;
    Ok(())
}

async fn unmark(cx: &Cx<'_, VirtualMachine>, vm: &MoRef, cancel: &CancellationToken) {
    remember(cx, Due::No);
    if let Err(e) = write_mark(cx, vm, false, cancel).await {
        tracing::info!(vm = %vm, error = %e, "the mark of a machine that is on again cannot be removed");
    }
}

async fn write_mark(
    cx: &Cx<'_, VirtualMachine>,
    vm: &MoRef,
    set: bool,
    cancel: &CancellationToken,
) -> vsphere_client::Result<()> {
    let vsphere = cx.client();
    let spec = VirtualMachineConfigSpec { extra_config: vec![mark(set)], ..Default::default() };
    vsphere.api.virtual_machines().reconfigure(vm, spec, Wait::new(cx.timeout(vsphere.timeout), cancel)).await
}

fn list(effects: &[Effect]) -> String {
    effects.iter().fold(String::new(), |mut text, e| {
        let _ = write!(text, "\n- {}", e.what);
        text
    })
}

/// What a plan says of turning the machine off: a warning, or an error where that is not allowed. `goal` is the power state
/// that is asked for. Pure.
pub(super) fn announce(m: &M, effects: &Effects, goal: Option<Power>) -> Diagnostics {
    if effects.power_off.is_empty() {
        return Diagnostics::default();
    }
    let why = list(&effects.power_off);
    let suspended = m.power_state.as_str() == SUSPENDED;
    if m.allow_reboot.known() == Some(&false) {
        let now = if suspended { SUSPENDED } else { ON };
        return effects.refused("The virtual machine must be powered off for the change", |what| {
            format!(
                "{} is {now}, and {what}, which needs it to be off. `allow_reboot = false` forbids turning it off. Turn it off \
                 by hand, undo the change, or allow it.",
                capital(&title(m)),
            )
        });
    }
    if suspended {
        let at = effects.power_off[0].at.clone();
        let mode = power_state::power_off(m);
        if mode.map_or(m.force_power_off.known() == Some(&false), |(_, force)| !force) {
            let forbids = if mode.is_some() { "`power_off_mode`" } else { "`force_power_off = false`" };
            let detail = format!(
                "{} is suspended, and its guest cannot be shut down; {forbids} does not allow powering it \
                 off. Resume it, or allow powering it off.",
                capital(&title(m))
            );
            return Diagnostics::error(at, "The virtual machine must be powered off for the change", detail);
        }
        let then = if goal == Some(Power::On) { "It is powered on afterwards." } else { "It stays off." };
        let detail = format!(
            "It is suspended, and not all changes can be made to a suspended virtual machine:{why}\nThe contents of its memory are lost. {then}"
        );
        let summary = format!("{} is powered off", capital(&title(m)));
        return Diagnostics::warning(at, summary, detail);
    }
    let how = power_state::how(m).unwrap_or_else(|| {
        match (m.shutdown_wait_timeout.known(), m.force_power_off.known()) {
            (Some(minutes), Some(false)) => {
                format!("Its guest is shut down. If this takes more than {minutes} min, the apply fails.")
            }
            (Some(minutes), _) => {
                format!("Its guest is shut down. If this takes more than {minutes} min, it is powered off.")
            }
            _ => String::new(),
        }
    });
    let detail = format!("It is powered on, and not all changes can be made while it is:{why}\n{how}");
    let summary = format!("{} is powered off and on again", capital(&title(m)));
    Diagnostics::warning(effects.power_off[0].at.clone(), summary, detail)
}

/// Whether the machine is going to be turned off: known from the state.
pub(super) fn reboots(prior: &M, effects: &Effects) -> bool {
    [ON, SUSPENDED].contains(&prior.power_state.as_str()) && !effects.power_off.is_empty()
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
    off_until(cx, m, vm, cx.cancel()).await
}

async fn off_until(cx: &Cx<'_, VirtualMachine>, m: &M, vm: &MoRef, cancel: &CancellationToken) -> Result<()> {
    let vsphere = cx.client();
    let (grace, force) = power_state::power_off(m).unwrap_or_else(|| {
        (minutes(&m.shutdown_wait_timeout, 3), m.force_power_off.known().copied().unwrap_or(true))
    });
    let wait = Wait::new(POWER_OFF.max(grace), cancel);
    let done = vsphere.api.virtual_machines().shut_down(vm, grace, force, wait).await;
    if let Err(e) = &done
        && !force
        && (e.fault().is_some() || matches!(e, vsphere_client::Error::Timeout { .. }))
    {
        if let Some(said) = power_state::not_shut_down(e, m) {
            return Err(said);
        }
        let detail = format!(
            "{} It has {} min (`shutdown_wait_timeout`), and `force_power_off = false` forbids powering it off. Shut \
             the guest down by hand and apply again, or allow it.",
            crate::fault::sentence(e),
            grace.as_secs() / 60
        );
        let summary = format!("The guest of {} did not shut down", title(m));
        return Err(Diagnostics::error(M::SHUTDOWN_WAIT_TIMEOUT, summary, detail));
    }
    let how = done.doing(format!("turn {} off", title(m)))?;
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
    on_until(cx, m, vm, cx.cancel()).await
}

async fn on_until(cx: &Cx<'_, VirtualMachine>, m: &M, vm: &MoRef, cancel: &CancellationToken) -> Result<()> {
    let vsphere = cx.client();
    let seconds = u64::try_from(m.poweron_timeout.known().copied().unwrap_or(300)).unwrap_or(300);
    let wait = Wait::new(Duration::from_secs(seconds), cancel);
    // The configured host, if any; otherwise vSphere chooses.
    let host = cx.config().map(|c| c.host()).unwrap_or_default();
    let machines = vsphere.api.virtual_machines();
    let every = cx.config().and_then(|c| c.poweron_retry_interval.known().copied());
    let Some(every) = every.and_then(|s| u64::try_from(s).ok()).map(Duration::from_secs) else {
        let done = machines.power_on(vm, host.as_ref(), wait).await;
        return done.doing(format!("turn {} on", title(m)));
    };
    let mut refusals = 0_u32;
    let refused = |e: &vsphere_client::Error| {
        refusals += 1;
        tracing::info!(vm = %vm, error = %e, attempt = refusals, "no host has enough resources");
    };
    let done = machines.power_on_when_it_fits(vm, host.as_ref(), every, wait, refused).await;
    if let Err(e) = &done
        && e.fault().is_some_and(|f| vsphere_client::virtual_machine::lacks_room(&f.name))
    {
        let detail = format!(
            "{} It was tried {refusals} times within {seconds} s (`poweron_timeout`), every {} s \
             (`poweron_retry_interval`). Free resources in the cluster, reserve less, or allow more time.",
            crate::fault::sentence(e),
            every.as_secs()
        );
        let summary = format!("No host has room for {}", title(m));
        return Err(Diagnostics::error(M::POWERON_TIMEOUT, summary, detail));
    }
    if refusals > 0 && done.is_ok() {
        let detail = format!("No host had enough resources for it {refusals} times.");
        cx.warn(M::POWERON_RETRY_INTERVAL, format!("{} had to wait for a host", capital(&title(m))), detail);
    }
    done.doing(format!("turn {} on", title(m)))
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
        let said = announce(&m, &effects(), None);
        assert!(!said.has_errors() && said.0.len() == 1);
        assert!(said.0[0].detail.contains("num_cpus") && said.0[0].detail.contains("more than 3 min"));
        let refused = announce(&M { allow_reboot: false.into(), ..m.clone() }, &effects(), None);
        let at: Vec<String> = refused.0.iter().map(|d| d.at.to_string()).collect();
        assert!(refused.has_errors());
        assert_eq!(at, ["firmware", "num_cpus"]);
        assert!(
            announce(&M { allow_reboot: false.into(), ..m.clone() }, &Effects::default(), None).is_empty()
        );
        let hard = announce(&M { power_off_mode: "hard".into(), ..m }, &effects(), None);
        assert!(hard.0[0].detail.contains("without shutting down its guest"), "{hard}");
    }

    #[test]
    fn a_machine_that_is_off_is_not_turned_off() {
        let state = |power: &str| M { power_state: power.into(), ..M::default() };
        assert!(reboots(&state("on"), &effects()));
        assert!(reboots(&state("suspended"), &effects()));
        assert!(!reboots(&state("off"), &effects()));
        assert!(!reboots(&state("on"), &Effects::default()));
    }

    #[test]
    fn a_suspended_machine_is_powered_off_only_with_a_word() {
        let m = M { name: "web".into(), power_state: SUSPENDED.into(), ..M::default() };
        let said = announce(&m, &effects(), None);
        assert!(!said.has_errors() && said.0[0].detail.contains("memory are lost"), "{said}");
        assert!(announce(&M { allow_reboot: false.into(), ..m.clone() }, &effects(), None).has_errors());
        assert!(announce(&M { force_power_off: false.into(), ..m.clone() }, &effects(), None).has_errors());
        assert!(announce(&M { power_off_mode: "soft".into(), ..m.clone() }, &effects(), None).has_errors());
        let resumed = announce(&m, &effects(), Some(Power::On));
        assert!(resumed.0[0].detail.contains("powered on afterwards"), "{resumed}");
    }

    #[test]
    fn what_was_powered_off_is_powered_on_by_the_next_run() {
        for (is_on, marked, before, after) in [
            (true, false, Due::No, Due::No),
            // It is on again, and the mark was left.
            (true, true, Due::No, Due::Outdated),
            (true, true, Due::Yes, Due::Outdated),
            (false, true, Due::No, Due::Yes),
            (false, true, Due::Yes, Due::Yes),
            // Turned off by hand since.
            (false, true, Due::Outdated, Due::Outdated),
            (false, false, Due::Outdated, Due::No),
            (false, false, Due::No, Due::No),
            // The user may write no mark.
            (false, false, Due::Yes, Due::Yes),
            (true, false, Due::Yes, Due::No),
            // New, and not powered on because of checks.
            (false, false, Due::Checked, Due::Checked),
            (true, false, Due::Checked, Due::No),
        ] {
            assert_eq!(seen(is_on, marked, before), after, "{is_on} {marked} {before:?}");
            assert_eq!(Due::read(Some(&after.write())), after);
        }
        let off = M { power_state: "off".into(), ..M::default() };
        let mut planned = off.clone();
        let config = M { power_state: Value::Null, ..M::default() };
        assert!(resume(&off, &config, &mut planned, None).is_empty() && planned == off);
        for (said, checks) in [(Value::Known("off".to_owned()), false), (Value::Null, true)] {
            let reasons = checks.then(|| [("ad".to_owned(), "waits".to_owned())].into());
            let managed = M { power_state: said, power_on_checks: reasons.into(), ..config.clone() };
            assert!(resume(&off, &managed, &mut planned, Some(&json!(true))).is_empty() && planned == off);
        }
        assert!(!resume(&off, &config, &mut planned, Some(&json!(true))).is_empty());
        assert!(planned.power_state.is_unknown());
    }

    #[test]
    fn what_is_deleted_is_listed() {
        let mut all = Effects::default();
        all.destroys(AttributePath::root().name("disk"), "the disk \"data\" (scsi:0:1, 20 GiB)");
        let said = losses(&M { name: "web".into(), ..M::default() }, &all);
        assert!(said.0[0].detail.contains("20 GiB"), "{:?}", said.0);
    }
}
