//! Changes of settings that wait until the virtual machine is powered off: `resize_policy = "next_power_off"`.
//!
//! What a plan shows is applied. A change that waits is therefore not planned: the attribute keeps the value of the state,
//! which Terraform accepts in the place of the configured one, and each plan compares the configuration with it again.
//! `pending_changes` has the values that wait. Whether an attribute waits depends on its own values and on the state only:
//! an attribute that is unknown when Terraform plans, and known when it applies, must not change what was planned of others.
use super::effects::Effects;
use super::model::{VirtualMachineModel as M, title};
use super::settings::{self, Change, Setting, Settings};
use super::transition::Power;
use super::{power, power_state};
use crate::common::conditions::ConditionModel as C;
use crate::fault::capital;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use tf_framework::{AttributePath, Diagnostics, Field, Model as _, Value};

const POLICY: &str = "next_power_off";

/// Whether changes wait, instead of powering the virtual machine off and on.
pub(super) fn waits(m: &M) -> bool {
    m.resize_policy.as_str() == POLICY
}

/// The changes that wait while the virtual machine is powered on: those that require a power-off, and a reservation of more
/// memory than it has as long as memory cannot be added. Pure.
fn waiting<'a>(current: &Settings, changes: &'a [Change]) -> Vec<&'a Change> {
    let above_memory = |c: &Change| {
        let hot = current.get("memory_hot_add_enabled") == Some(&Setting::Flag(true));
        match (current.get("memory"), &c.to) {
            (Some(Setting::Number(has)), Setting::Number(to)) => {
                c.name == "memory_reservation" && !hot && to > has
            }
            _ => false,
        }
    };
    changes.iter().filter(|c| c.off.is_some() || above_memory(c)).collect()
}

/// What the values that wait leave behind.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) diagnostics: Diagnostics,
    /// Whether an attribute without a value keeps none, though the configuration has one: core accepts that only with the
    /// legacy flag.
    pub(super) keeps_null: bool,
}

/// Takes what waits out of a plan, and plans `pending_changes`. Pure.
pub(super) fn plan(prior: Option<&M>, config: &M, planned: &mut M, limits: Option<&Json>) -> Waiting {
    let mut out = Waiting::default();
    planned.pending_changes = Value::Null;
    let Some(prior) = prior else { return out };
    let runs = [power::ON, power::SUSPENDED].contains(&prior.power_state.as_str());
    let may_wait = config.resize_policy.is_unknown() || waits(config);
    if !runs || !may_wait || power_state::goal(Some(config), planned) == Some(Power::Off) {
        return out;
    }
    let current = settings::with_limits(settings::of_state(prior), limits.unwrap_or(&Json::Null));
    let changes = settings::changes(&current, Some(prior), planned);
    let pending = waiting(&current, &changes);
    for (field, value) in [(M::RESIZE_POLICY, &config.resize_policy), (M::POWER_STATE, &config.power_state)] {
        if value.is_unknown() && !pending.is_empty() {
            let detail = format!(
                "`{}` is not known yet, and decides whether these changes wait:{}\nSet it to a value that is known when \
                 Terraform plans.",
                field.0,
                listed(&pending)
            );
            out.diagnostics.merge(Diagnostics::error(field, "Unknown effect of a change", detail));
        }
    }
    if out.diagnostics.has_errors() || !waits(config) {
        return out;
    }
    let (before, configured) = (prior.write(), config.write());
    for change in &pending {
        planned.copy_from(prior, &[Field(change.name)]);
        out.keeps_null |= before.get(change.name).is_null() && !configured.get(change.name).is_null();
    }
    if !pending.is_empty() {
        let first = AttributePath::root().name(pending[0].name);
        let detail = format!(
            "{} is {}, and with `resize_policy = \"next_power_off\"` these changes are applied when it is powered off:{}",
            capital(&title(planned)),
            prior.power_state.as_str(),
            listed(&pending)
        );
        out.diagnostics.merge(Diagnostics::warning(first, "Changes wait for a power-off", detail));
        let text = |c: &&Change| match &c.to {
            Setting::Text(t) => t.clone(),
            other => other.to_string(),
        };
        let values: BTreeMap<String, String> = pending.iter().map(|c| (c.name.to_owned(), text(c))).collect();
        planned.pending_changes = Value::Known(values);
    }
    if settings::any_unknown(planned) {
        planned.pending_changes = Value::Unknown;
    }
    out.diagnostics.merge(contradictions(planned, !pending.is_empty()));
    out
}

fn listed(pending: &[&Change]) -> String {
    pending.iter().map(|c| format!("\n- `{}` becomes {}", c.name, c.to)).collect()
}

/// What is applied now must go with what waits.
fn contradictions(planned: &M, any: bool) -> Diagnostics {
    let mut out = Diagnostics::default();
    let known = |v: &Value<i64>| v.known().copied().filter(|n| *n > 0);
    if !any {
        return out;
    }
    let advice = "Apply both when the virtual machine is powered off, or change one of them.";
    if let (Some(cpus), Some(cores)) = (known(&planned.num_cpus), known(&planned.num_cores_per_socket))
        && cpus % cores != 0
    {
        let detail = format!(
            "{cpus} virtual CPUs do not fill sockets of {cores} cores, which wait for a power-off. {advice}"
        );
        out.merge(Diagnostics::error(
            M::NUM_CPUS,
            "The number of CPUs contradicts changes that wait",
            detail,
        ));
    }
    if let (Some(reserved), Some(memory)) = (known(&planned.memory_reservation), known(&planned.memory))
        && reserved > memory
    {
        let detail = format!(
            "{reserved} MiB cannot be reserved as long as the virtual machine has {memory} MiB. {advice}"
        );
        let summary = "The reservation contradicts changes that wait";
        out.merge(Diagnostics::error(M::MEMORY_RESERVATION, summary, detail));
    }
    out
}

/// Keeps values that wait of what the configuration leaves to the class: it is read when it changes, and not again.
pub(super) fn keep(prior: &M, left_out: &[Field], planned: &mut M) {
    let Some(pending) = prior.pending_changes.known().filter(|_| waits(prior)) else { return };
    for field in left_out {
        if let Some(number) = pending.get(field.0).and_then(|text| text.parse::<i64>().ok()) {
            planned.set_value(*field, &tf_framework::Dynamic::Int(number));
        }
    }
}

/// An error for each change that cannot wait and would power off the virtual machine.
pub(super) fn refused(effects: &Effects) -> Diagnostics {
    effects.refused("The change requires a power-off", |what| {
        format!(
            "{}, which requires a power-off. `resize_policy = \"next_power_off\"` does not power off the virtual machine for \
             changes, and only settings such as `num_cpus` and `memory` can wait. Set `power_state = \"off\"` for this apply, \
             or set `resize_policy = \"power_cycle\"`.",
            capital(what)
        )
    })
}

/// Whether all of the configuration has been applied; nothing if changes do not wait.
pub(super) fn condition(seen: &M) -> Option<C> {
    const TYPE: &str = "VirtualMachineConfigurationSynced";
    if !waits(seen) {
        return None;
    }
    Some(match seen.pending_changes.known().filter(|p| !p.is_empty()) {
        None => C::met(TYPE),
        Some(pending) => {
            let list: Vec<String> = pending.iter().map(|(name, to)| format!("{name} = {to}")).collect();
            let message =
                format!("These changes wait until the virtual machine is powered off: {}.", list.join(", "));
            C::unmet(TYPE, "PowerOffRequired", message)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on() -> M {
        M {
            name: "web".into(),
            power_state: "on".into(),
            num_cpus: 2.into(),
            num_cores_per_socket: 1.into(),
            memory: 2048.into(),
            memory_reservation: 0.into(),
            annotation: "a".into(),
            resize_policy: POLICY.into(),
            ..M::null()
        }
    }

    fn config(m: M) -> M {
        M { power_state: Value::Null, ..m }
    }

    fn planned(prior: &M, config: &M) -> (M, Waiting) {
        let mut planned = M { power_state: prior.power_state.clone(), ..config.clone() };
        if let Some(power) = config.power_state.known() {
            planned.power_state = power.clone().into();
        }
        let waiting = plan(Some(prior), config, &mut planned, None);
        (planned, waiting)
    }

    fn pending(m: &M) -> Vec<(String, String)> {
        m.pending_changes.get().into_iter().collect()
    }

    #[test]
    fn changes_wait_while_the_virtual_machine_runs() {
        let cpus = |n: &str| vec![("num_cpus".to_owned(), n.to_owned())];
        let wanted = M { num_cpus: 4.into(), annotation: "b".into(), ..config(on()) };
        let hot = M { cpu_hot_add_enabled: true.into(), ..on() };
        for (prior, config, applied, expected) in [
            (on(), wanted.clone(), 2, cpus("4")),
            (M { power_state: "suspended".into(), ..on() }, wanted.clone(), 2, cpus("4")),
            (M { power_state: "off".into(), ..on() }, wanted.clone(), 4, vec![]),
            (
                M { power_state: "off".into(), ..on() },
                M { power_state: "on".into(), ..wanted.clone() },
                4,
                vec![],
            ),
            (on(), M { power_state: "off".into(), ..wanted.clone() }, 4, vec![]),
            (on(), M { resize_policy: "power_cycle".into(), ..wanted.clone() }, 4, vec![]),
            (on(), M { resize_policy: Value::Null, ..wanted.clone() }, 4, vec![]),
            (hot.clone(), M { cpu_hot_add_enabled: true.into(), ..wanted.clone() }, 4, vec![]),
        ] {
            let (m, waiting) = planned(&prior, &config);
            assert_eq!((m.num_cpus.get(), pending(&m)), (applied, expected.clone()), "{config:?}");
            assert_eq!(m.annotation.as_str(), "b");
            assert!(!waiting.diagnostics.has_errors() && !waiting.keeps_null);
            assert_eq!(waiting.diagnostics.is_empty(), expected.is_empty(), "{}", waiting.diagnostics);
        }
    }

    #[test]
    fn an_unknown_power_state_or_policy_cannot_decide() {
        let wanted = M { num_cpus: 4.into(), ..config(on()) };
        for (config, at) in [
            (M { power_state: Value::Unknown, ..wanted.clone() }, Some("power_state")),
            (M { resize_policy: Value::Unknown, ..wanted }, Some("resize_policy")),
            (M { power_state: Value::Unknown, ..config(on()) }, None),
        ] {
            let found = planned(&on(), &config).1.diagnostics;
            assert_eq!(found.0.first().map(|d| d.at.to_string()).as_deref(), at, "{found}");
        }
    }

    #[test]
    fn what_is_applied_now_goes_with_what_waits() {
        let hot = M { cpu_hot_add_enabled: true.into(), memory_hot_add_enabled: true.into(), ..on() };
        let same = config(hot.clone());
        let cores = M { num_cpus: 3.into(), num_cores_per_socket: 3.into(), ..same.clone() };
        let (m, waiting) = planned(&M { num_cores_per_socket: 2.into(), ..hot.clone() }, &cores);
        assert!(waiting.diagnostics.to_string().contains("do not fill sockets of 2 cores"), "{m:?}");
        // Without hot add, a reservation above the memory waits with it.
        let reserved = M { memory: 4096.into(), memory_reservation: 4096.into(), ..config(on()) };
        let (m, waiting) = planned(&on(), &reserved);
        assert!(!waiting.diagnostics.has_errors());
        assert_eq!(pending(&m).len(), 2, "{m:?}");
        // With it, both are applied.
        let (m, _) = planned(&hot, &M { memory: 4096.into(), memory_reservation: 4096.into(), ..same });
        assert_eq!((m.memory.get(), pending(&m).len()), (4096, 0));
    }

    #[test]
    fn a_value_that_the_state_does_not_have_is_kept_with_the_legacy_flag() {
        let (m, waiting) = planned(&on(), &M { cpu_hot_add_enabled: true.into(), ..config(on()) });
        assert!(waiting.keeps_null && m.cpu_hot_add_enabled.is_null());
    }

    #[test]
    fn pending_values_of_a_class_are_kept() {
        let state =
            M { pending_changes: Value::Known([("num_cpus".to_owned(), "8".to_owned())].into()), ..on() };
        let mut m = on();
        keep(&state, &[M::NUM_CPUS, M::MEMORY], &mut m);
        assert_eq!((m.num_cpus.get(), m.memory.get()), (8, 2048));
        let mut m = on();
        keep(&M { resize_policy: Value::Null, ..state }, &[M::NUM_CPUS], &mut m);
        assert_eq!(m.num_cpus.get(), 2);
    }

    fn any_wanted() -> impl Strategy<Value = M> {
        let n = |all: &'static [i64]| prop::sample::select(all);
        (n(&[1, 2, 4]), n(&[1, 2]), n(&[1024, 2048, 4096]), n(&[0, 1024, 4096]), "[ab]", any::<[bool; 3]>())
            .prop_map(|(cpus, cores, memory, reserved, note, [cpu, mem, flag])| M {
                num_cpus: cpus.into(),
                num_cores_per_socket: cores.into(),
                memory: memory.into(),
                memory_reservation: reserved.into(),
                annotation: note.as_str().into(),
                cpu_hot_add_enabled: cpu.into(),
                memory_hot_add_enabled: mem.into(),
                nested_hv_enabled: flag.into(),
                ..on()
            })
    }

    proptest! {
        /// A plan of a running virtual machine needs no power-off; once it is applied, the next plan rests; and when the
        /// virtual machine is off, nothing is left.
        #[test]
        fn plans_rest_and_nothing_is_lost(prior in any_wanted(), wanted in any_wanted()) {
            let wanted = config(wanted);
            let (first, waiting) = planned(&prior, &wanted);
            prop_assume!(!waiting.diagnostics.has_errors());
            let current = settings::of_state(&prior);
            prop_assert!(settings::changes(&current, Some(&prior), &first).iter().all(|c| c.off.is_none()));
            let (second, again) = planned(&first, &wanted);
            prop_assert!(!again.diagnostics.has_errors());
            prop_assert_eq!(&second, &first);
            let (last, none) = planned(&M { power_state: "off".into(), ..first }, &wanted);
            prop_assert!(none.diagnostics.is_empty());
            prop_assert_eq!(last, M { power_state: "off".into(), pending_changes: Value::Null, ..wanted });
        }

        /// What is planned of an attribute does not depend on whether another one is known.
        #[test]
        fn unknown_values_change_nothing_else(prior in any_wanted(), wanted in any_wanted()) {
            let wanted = config(wanted);
            let (all, _) = planned(&prior, &wanted);
            let (part, _) = planned(&prior, &M { num_cpus: Value::Unknown, ..wanted });
            prop_assert!(part.num_cpus.is_unknown() && part.pending_changes.is_unknown());
            let rest = |m: &M| M { num_cpus: Value::Null, pending_changes: Value::Null, ..m.clone() };
            prop_assert_eq!(rest(&all), rest(&part));
        }
    }
}
