//! The power state that is wanted, and what stops power-on and destruction.
use super::VirtualMachine;
use super::model::{VirtualMachineModel as M, title};
use super::power::{self, Due};
use super::transition::{self, Mode, Operation, Power, Verdict};
use crate::fault::{Doing, capital};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Field, Result, Value};
use vsphere_client::MoRef;
use vsphere_client::virtual_machine::{Outcome, Wait};

/// How long the host may take to suspend or reset a virtual machine.
pub(in crate::vm) const HARD: Duration = Duration::from_secs(300);

fn mode(v: &Value<String>) -> Option<Mode> {
    v.known().and_then(|text| Mode::parse(text))
}

fn of_state(m: &M) -> Option<Power> {
    m.power_state.known().and_then(|text| Power::parse(text))
}

fn gentleness(m: &M, mode: Mode) -> (Duration, bool) {
    mode.gentleness(transition::soft_timeout(m.soft_power_op_timeout.known().copied()))
}

/// The same for powering off, where a mode is set.
pub(super) fn power_off(m: &M) -> Option<(Duration, bool)> {
    mode(&m.power_off_mode).map(|mode| gentleness(m, mode))
}

/// How a plan says that the virtual machine is powered off, where a mode is set.
pub(super) fn how(m: &M) -> Option<String> {
    let (grace, force) = power_off(m)?;
    let seconds = grace.as_secs();
    Some(match (grace.is_zero(), force) {
        (true, _) => "It is powered off without shutting down its guest (`power_off_mode`).".to_owned(),
        (false, true) => {
            format!("Its guest is shut down. If this takes more than {seconds} s, it is powered off.")
        }
        (false, false) => {
            format!("Its guest is shut down. If this takes more than {seconds} s, the apply fails.")
        }
    })
}

/// What is wrong whatever the virtual machine is like.
pub(super) fn validate(config: &M) -> Diagnostics {
    let forces = matches!(mode(&config.power_off_mode), Some(Mode::Hard | Mode::TrySoft));
    if !forces || config.force_power_off.known() != Some(&false) {
        return Diagnostics::default();
    }
    let detail = "`force_power_off = false` forbids powering it off without its guest, which this mode does. Set \
                  `power_off_mode = \"soft\"`, or remove `force_power_off`.";
    Diagnostics::error(M::POWER_OFF_MODE, "Conflicting power-off settings", detail)
}

/// The power state that the configuration asks for.
pub(super) fn wanted(config: Option<&M>) -> Option<Power> {
    config.and_then(of_state)
}

fn list(all: &BTreeMap<String, String>) -> String {
    all.iter().map(|(component, reason)| format!("\n- {component}: {reason}")).collect()
}

fn checks(m: &M) -> BTreeMap<String, String> {
    m.power_on_checks.known().cloned().unwrap_or_default()
}

/// What stops power-on, for a group.
pub(super) fn stops(config: &M) -> Option<String> {
    let checks = checks(config);
    (!checks.is_empty()).then(|| format!("Its `power_on_checks` has:{}", list(&checks)))
}

/// Whether something stops power-on.
pub(super) fn is_stopped(config: Option<&M>) -> bool {
    config.is_some_and(|c| !checks(c).is_empty())
}

/// An error for each reason of a map of checks.
fn stopped(field: Field, all: &BTreeMap<String, String>, summary: &str, advice: &str) -> Diagnostics {
    let mut out = Diagnostics::default();
    for (component, reason) in all {
        let detail = format!("{component}: {reason}\n{advice}");
        out.merge(Diagnostics::error(AttributePath::root().field(field).key(component), summary, detail));
    }
    out
}

/// What stops the destruction of a virtual machine.
pub(super) fn protected(state: &M) -> Diagnostics {
    let all = state.delete_checks.known().cloned().unwrap_or_default();
    let summary = format!("{} must not be destroyed yet", capital(&title(state)));
    let advice = "Remove the entry from `delete_checks` and apply that first.";
    stopped(M::DELETE_CHECKS, &all, &summary, advice)
}

fn cannot(m: &M, operation: Operation, why: &str) -> Diagnostics {
    let (at, to, advice) = match operation {
        Operation::PowerOn => (M::POWER_STATE, "powered on", ""),
        Operation::PowerOff => (
            M::POWER_STATE,
            "powered off",
            " Power it on first, or set `power_off_mode = \"hard\"`, which loses what it holds in memory.",
        ),
        Operation::Suspend => (M::POWER_STATE, "suspended", " Power it on first."),
        Operation::Restart => (
            M::RESTART_TRIGGER,
            "restarted",
            " Power it on first, or set `restart_trigger` to its previous value.",
        ),
    };
    Diagnostics::error(at, format!("{} cannot be {to}", capital(&title(m))), format!("{why}{advice}"))
}

/// Whether something has to be done so that it is in the power state that is asked for. Pure.
///
/// # Errors
/// It cannot get there from where it is.
fn changes(m: &M, now: Power, goal: Power) -> Result<bool> {
    let operation = transition::towards(goal);
    match transition::verdict(now, operation, mode(&m.power_off_mode).unwrap_or(Mode::TrySoft)) {
        Verdict::Done => Ok(false),
        Verdict::Possible => Ok(true),
        Verdict::Refused(why) => Err(cannot(m, operation, why)),
    }
}

/// Whether a plan asks for a restart.
fn restarts(prior: &M, planned: &M) -> bool {
    let asked = planned.restart_trigger.known().is_some_and(|t| !t.is_empty());
    let unsaid = prior.restart_trigger.is_null() && prior.imported.get();
    asked && !unsaid && prior.restart_trigger != planned.restart_trigger
}

fn stop(m: &M, checks: &BTreeMap<String, String>) -> Diagnostics {
    let summary = format!("{} must not be powered on yet", capital(&title(m)));
    let advice = "Remove the entry from `power_on_checks`, or do not power it on.";
    stopped(M::POWER_ON_CHECKS, checks, &summary, advice)
}

/// Leaves the power state as it is where what was applied was undone outside Terraform and cannot be applied again: that must
/// prevent neither other changes nor a destruction. `applied` is what is kept of the last apply. Pure.
pub(super) fn keep(prior: &M, config: &M, planned: &mut M, applied: Option<&Json>) -> Diagnostics {
    let mut out = Diagnostics::default();
    let (Some(now), Some(goal)) = (of_state(prior), wanted(Some(config))) else { return out };
    if !prior.imported.get() && applied.and_then(Json::as_str) != Some(goal.as_str()) {
        return out;
    }
    let refused = match changes(planned, now, goal) {
        Err(refused) => refused,
        Ok(true) if goal == Power::On => stop(planned, &checks(config)),
        Ok(_) => return out,
    };
    for d in refused.0 {
        let detail = format!("{} It stays {}.", d.detail, now.as_str());
        out.merge(Diagnostics::warning(d.at, d.summary, detail));
        planned.power_state = prior.power_state.clone();
    }
    out
}

/// What a plan says of power: what is impossible, and what is stopped. `cycles`: the changes need the virtual machine to
/// be off. Pure.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &M, cycles: bool, due: Due) -> Diagnostics {
    let mut out = Diagnostics::default();
    let goal = goal(Some(config), planned);
    let checks = checks(config);
    let name = capital(&title(planned));
    let stop = || stop(planned, &checks);
    let Some(prior) = prior else {
        if goal == Some(Power::Suspended) {
            let why = "It is powered off when it is created.";
            out.merge(cannot(planned, Operation::Suspend, why));
        } else if goal == Some(Power::On) {
            out.merge(stop());
        } else if goal.is_none() && !checks.is_empty() {
            let detail =
                format!("`power_on_checks` has:{}\nIt is powered on once they are removed.", list(&checks));
            out.merge(Diagnostics::warning(M::POWER_ON_CHECKS, format!("{name} is not powered on"), detail));
        }
        return out;
    };
    let Some(now) = of_state(prior) else { return out };
    match goal.map(|goal| (goal, changes(planned, now, goal))) {
        Some((_, Err(refused))) => out.merge(refused),
        Some((Power::On, Ok(true))) => out.merge(stop()),
        _ if cycles && now == Power::On && goal != Some(Power::Off) => out.merge(stop()),
        None if due.is_now() && now == Power::Off && !checks.is_empty() => {
            let detail = format!("`power_on_checks` has:{}", list(&checks));
            out.merge(Diagnostics::warning(M::POWER_ON_CHECKS, format!("{name} is not powered on"), detail));
        }
        Some((Power::Suspended, Ok(false))) if cycles => {
            let detail = "The change needs it to be powered off, and then it cannot be suspended. Set `power_state = \"on\"` \
                          with the change.";
            let summary = format!("{name} cannot stay suspended");
            out.merge(Diagnostics::error(M::POWER_STATE, summary, detail));
        }
        _ => {}
    }
    if restarts(prior, planned) {
        match transition::restart(now, goal) {
            Verdict::Refused(why) => out.merge(cannot(planned, Operation::Restart, why)),
            Verdict::Possible if !cycles => {
                let mode = mode(&config.restart_mode).unwrap_or(Mode::TrySoft);
                let (grace, force) = gentleness(config, mode);
                let seconds = grace.as_secs();
                let detail = match (grace.is_zero(), force) {
                    (true, _) => "It is reset without shutting down its guest.".to_owned(),
                    (_, true) => {
                        format!("Its guest is restarted. If this takes more than {seconds} s, it is reset.")
                    }
                    _ => format!(
                        "Its guest is restarted. If this takes more than {seconds} s, the apply fails."
                    ),
                };
                let summary = format!("{name} is restarted");
                out.merge(Diagnostics::warning(M::RESTART_TRIGGER, summary, detail));
            }
            _ => {}
        }
    }
    out
}

/// What is kept beside the state: the power state that was applied last, where one was declared.
pub(super) const APPLIED: &str = "power_state";

/// Keeps it. Where one was declared, nothing is left of what earlier runs were to do.
pub(super) fn remember(cx: &Cx<'_, VirtualMachine>) {
    let wanted = wanted(cx.config());
    cx.set_private(APPLIED, wanted.map_or(Json::Null, |p| p.as_str().into()));
    if wanted.is_some() {
        power::remember(cx, Due::No);
    }
}

/// The power state that an update is to bring about: the planned one, where one is declared.
pub(super) fn goal(config: Option<&M>, plan: &M) -> Option<Power> {
    wanted(config)?;
    of_state(plan).or_else(|| wanted(config))
}

/// What power still has to do for an update: planned by [`Power`] as it is, when the changes begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Steps {
    /// Before the changes: power off, and leave it off.
    pub(super) off_first: bool,
    /// Before the changes: resume.
    pub(super) resume_first: bool,
    /// After the changes, where it is off then.
    pub(super) on: bool,
    /// After the changes.
    pub(super) suspend: bool,
    /// After the changes, unless it was powered on.
    pub(super) restart: bool,
}

/// The steps of an update. Pure.
///
/// # Errors
/// It cannot get there from where it is now.
pub(super) fn steps(prior: &M, plan: &M, goal: Option<Power>, now: Power, cycles: bool) -> Result<Steps> {
    let restart = restarts(prior, plan);
    let mut out = Steps { restart, ..Steps::default() };
    if let Some(goal) = goal
        && changes(plan, now, goal)?
    {
        match goal {
            Power::Off => out.off_first = true,
            Power::Suspended => out.suspend = true,
            Power::On => {
                // A suspended virtual machine takes few changes; one that is powered off for them is not resumed.
                out.resume_first = now == Power::Suspended && !cycles;
                out.on = !out.resume_first;
            }
        }
    }
    if restart && let Verdict::Refused(why) = transition::restart(now, goal) {
        return Err(cannot(plan, Operation::Restart, why));
    }
    Ok(out)
}

/// Which power operation a mode that failed belongs to.
pub(in crate::vm) fn unfinished(
    e: &vsphere_client::Error,
    title: &str,
    field: Field,
    verb: &str,
    grace: Duration,
) -> Diagnostics {
    let detail = format!(
        "{} It has {} s (`soft_power_op_timeout`), and `{} = \"soft\"` does nothing without it. Install and start VMware \
         Tools, or set \"trySoft\".",
        crate::fault::sentence(e),
        grace.as_secs(),
        field.0
    );
    Diagnostics::error(field, format!("The guest of {title} did not {verb}"), detail)
}

/// Suspends or restarts it, by its mode.
///
/// # Errors
/// The guest did not do it and the mode is `soft`; and those of any call and task.
pub(super) async fn change(
    cx: &Cx<'_, VirtualMachine>,
    m: &M,
    vm: &MoRef,
    operation: Operation,
) -> Result<()> {
    let machines = cx.client().api.virtual_machines();
    let (field, said, verb, doing) = match operation {
        Operation::Suspend => (M::SUSPEND_MODE, &m.suspend_mode, "go to standby", "suspend"),
        _ => (M::RESTART_MODE, &m.restart_mode, "restart", "restart"),
    };
    let (grace, force) = gentleness(m, mode(said).unwrap_or(Mode::TrySoft));
    let wait = Wait::new(HARD.max(grace), cx.cancel());
    let done = match operation {
        Operation::Suspend => machines.suspend_guest(vm, grace, force, wait).await,
        _ => machines.restart(vm, grace, force, wait).await,
    };
    if let Err(e) = &done
        && !force
        && (e.fault().is_some() || matches!(e, vsphere_client::Error::Timeout { .. }))
    {
        return Err(unfinished(e, &title(m), field, verb, grace));
    }
    if let Outcome::Forced(why) = done.doing(format!("{doing} {}", title(m)))? {
        tracing::info!(vm = %vm, why, "{doing} without the guest");
    }
    Ok(())
}

/// The message for a guest that did not shut down, where a mode is set.
pub(super) fn not_shut_down(e: &vsphere_client::Error, m: &M) -> Option<Diagnostics> {
    let (grace, _) = power_off(m)?;
    Some(unfinished(e, &title(m), M::POWER_OFF_MODE, "shut down", grace))
}

/// Whether a new virtual machine is powered on now; if checks stop that, what the next plans are to do is kept.
pub(super) fn is_powered_on_at_creation(cx: &Cx<'_, VirtualMachine>) -> bool {
    let is_left_off = cx.config().is_some_and(|c| c.power_on_after_create.known() == Some(&false));
    match (wanted(cx.config()), is_stopped(cx.config())) {
        (None, _) if is_left_off => {
            power::remember(cx, Due::No);
            false
        }
        (None, true) => {
            power::remember(cx, Due::Checked);
            false
        }
        (wanted, _) => wanted != Some(Power::Off),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(power: &str) -> M {
        M { name: "web".into(), power_state: power.into(), ..M::default() }
    }

    fn map(of: &[(&str, &str)]) -> Value<BTreeMap<String, String>> {
        Value::Known(of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn no_effects(prior: Option<&M>, config: &M) -> Diagnostics {
        plan(prior, config, config, false, Due::No)
    }

    #[test]
    fn impossible_transitions_are_refused_at_their_attribute() {
        for (now, wanted, mode, refused) in [
            ("on", "off", None, None),
            ("on", "suspended", None, None),
            ("off", "on", None, None),
            ("off", "suspended", None, Some("cannot be suspended")),
            ("suspended", "off", None, Some("cannot be powered off")),
            ("suspended", "off", Some("soft"), Some("cannot be powered off")),
            ("suspended", "off", Some("trySoft"), Some("cannot be powered off")),
            ("suspended", "off", Some("hard"), None),
            ("suspended", "on", None, None),
        ] {
            let config = M { power_off_mode: mode.map(str::to_owned).into(), ..machine(wanted) };
            let found = no_effects(Some(&machine(now)), &config);
            assert_eq!(found.has_errors(), refused.is_some(), "{now} {wanted} {mode:?}: {found}");
            let at_apply = steps(
                &machine(now),
                &config,
                Power::parse(wanted),
                Power::parse(now).unwrap_or(Power::Off),
                false,
            );
            assert_eq!(at_apply.is_err(), refused.is_some(), "plan and update agree");
            if let Some(part) = refused {
                assert_eq!(found.0[0].at.to_string(), "power_state");
                assert!(found.to_string().contains(part), "{found}");
            }
        }
        let created = no_effects(None, &machine("suspended"));
        assert!(created.has_errors() && created.0[0].at.to_string() == "power_state", "{created}");
        assert!(no_effects(None, &machine("off")).is_empty());
    }

    #[test]
    fn what_was_made_impossible_outside_terraform_stays_with_a_warning() {
        let checks = map(&[("ad", "waits")]);
        for (applied, imported, now, wanted, checks, error) in [
            (Some("suspended"), false, "off", "suspended", Value::Null, false),
            (Some("on"), false, "off", "suspended", Value::Null, true),
            (None, false, "off", "suspended", Value::Null, true),
            (None, true, "off", "suspended", Value::Null, false),
            (Some("off"), false, "suspended", "off", Value::Null, false),
            (Some("on"), false, "off", "on", checks.clone(), false),
            (Some("off"), false, "off", "on", checks, true),
        ] {
            let prior = M { imported: imported.into(), ..machine(now) };
            let config = M { power_on_checks: checks, ..machine(wanted) };
            let (mut planned, applied) = (config.clone(), applied.map(Json::from));
            let mut found = keep(&prior, &config, &mut planned, applied.as_ref());
            assert_eq!(found.is_empty(), error);
            found.merge(plan(Some(&prior), &config, &planned, false, Due::No));
            assert_eq!(found.has_errors(), error, "{now} {wanted}: {found}");
            assert_eq!(planned.power_state.as_str(), if error { wanted } else { now });
            let goal = goal(Some(&config), &planned);
            let now = Power::parse(now).unwrap_or(Power::On);
            let todo = steps(&prior, &planned, goal, now, false);
            assert!(error || todo.is_ok_and(|s| s == Steps::default()), "update and plan agree");
        }
    }

    #[test]
    fn absent_arguments_change_nothing() {
        let absent = M { power_state: Value::Null, ..machine("") };
        for now in ["on", "off", "suspended"] {
            assert!(no_effects(Some(&machine(now)), &absent).is_empty(), "{now}");
            for cycles in [true, false] {
                let now = Power::parse(now).unwrap_or(Power::On);
                let found = steps(&machine("on"), &absent, None, now, cycles);
                assert!(found.is_ok_and(|s| s == Steps::default()));
            }
        }
        assert!(no_effects(None, &absent).is_empty());
        assert_eq!((power_off(&absent), how(&absent)), (None, None));
    }

    #[test]
    fn checks_stop_power_on_with_their_reasons() {
        let with = |power: Value<String>| M {
            power_on_checks: map(&[("ad", "waiting for the computer object"), ("net", "no port")]),
            power_state: power,
            ..machine("")
        };
        for (prior, power, cycles, errors) in [
            (None, "on".into(), false, 2),
            (None, Value::Null, false, 0),
            (None, "off".into(), false, 0),
            (Some("off"), "on".into(), false, 2),
            (Some("suspended"), "on".into(), false, 2),
            (Some("on"), "on".into(), false, 0),
            (Some("on"), Value::Null, true, 2),
            (Some("on"), "off".into(), true, 0),
            (Some("off"), Value::Null, false, 0),
        ] {
            let (config, prior) = (with(power), prior.map(machine));
            let found = plan(prior.as_ref(), &config, &config, cycles, Due::No);
            let wrong: Vec<_> =
                found.0.iter().filter(|d| d.severity == tf_framework::Severity::Error).collect();
            assert_eq!(wrong.len(), errors, "{prior:?} {cycles} {found}");
            if let Some(first) = wrong.first() {
                assert_eq!(first.at.to_string(), "power_on_checks[\"ad\"]");
                assert!(first.detail.contains("waiting for the computer object"));
            }
        }
        let warned = no_effects(None, &with(Value::Null));
        assert!(warned.to_string().contains("net: no port"), "{warned}");
    }

    #[test]
    fn delete_checks_stop_a_destruction_with_their_reasons() {
        let state = M { delete_checks: map(&[("backup", "not archived")]), ..machine("on") };
        let found = protected(&state);
        assert!(found.has_errors() && found.to_string().contains("backup: not archived"), "{found}");
        assert_eq!(found.0[0].at.to_string(), "delete_checks[\"backup\"]");
        assert!(protected(&M { delete_checks: map(&[]), ..state }).is_empty());
        assert!(protected(&machine("on")).is_empty());
    }

    #[test]
    fn a_trigger_restarts_once() {
        let with = |power: &str, trigger: Option<&str>| M {
            restart_trigger: trigger.map(str::to_owned).into(),
            ..machine(power)
        };
        for (prior, config, restart) in [
            (with("on", None), with("on", Some("1")), true),
            (with("on", Some("1")), with("on", Some("1")), false),
            (with("on", Some("1")), with("on", Some("2")), true),
            (with("on", Some("1")), with("on", None), false),
            (with("on", Some("1")), with("on", Some("")), false),
            // An import does not know what was applied last.
            (M { imported: true.into(), ..with("on", None) }, with("on", Some("1")), false),
        ] {
            let found = steps(&prior, &config, None, Power::On, false);
            assert_eq!(found.is_ok_and(|s| s.restart), restart, "{prior:?}");
            assert_eq!(no_effects(Some(&prior), &config).0.len(), usize::from(restart));
        }
        let off = no_effects(Some(&with("off", Some("1"))), &with("off", Some("2")));
        assert_eq!(off.0[0].at.to_string(), "restart_trigger");
        assert!(off.has_errors());
    }

    #[test]
    fn modes_decide_how_long_the_guest_is_asked() {
        for (mode, seconds, expected) in [
            (None, None, None),
            (Some("hard"), Some(9), Some((0, true))),
            (Some("soft"), None, Some((300, false))),
            (Some("trySoft"), None, Some((300, true))),
            (Some("trySoft"), Some(9), Some((9, true))),
        ] {
            let m = M {
                power_off_mode: mode.map(str::to_owned).into(),
                soft_power_op_timeout: seconds.into(),
                ..machine("on")
            };
            assert_eq!(power_off(&m), expected.map(|(s, f)| (Duration::from_secs(s), f)), "{mode:?}");
            let refused = validate(&M { force_power_off: false.into(), ..m });
            assert_eq!(refused.has_errors(), matches!(mode, Some("hard" | "trySoft")), "{mode:?}");
        }
    }
}
