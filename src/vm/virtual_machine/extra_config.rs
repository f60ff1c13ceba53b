//! Further configuration keys.
use super::VirtualMachine;
use super::effects::Effects;
use super::model::VirtualMachineModel as M;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use tf_framework::{AttributePath, Cx, Value};
use vsphere_client::vim::types::{OptionValue, VirtualMachineConfigInfo};
use vsphere_client::vim::xml::Any;

type Keys = BTreeMap<String, String>;

/// What a guest reads through its tools, whenever it likes.
const GUEST: &str = "guestinfo.";

/// What has to be written, from what there is: keys that are wanted with another value, and those of the state that are
/// wanted no more, which become empty. Others are left alone.
fn changes(current: &Keys, prior: &Keys, wanted: &Keys) -> Keys {
    let set = wanted
        .iter()
        .filter(|(k, v)| current.get(*k) != Some(v) && (!v.is_empty() || current.contains_key(*k)));
    let removed = prior.keys().filter(|k| !wanted.contains_key(*k) && current.contains_key(*k));
    set.map(|(k, v)| (k.clone(), v.clone())).chain(removed.map(|k| (k.clone(), String::new()))).collect()
}

/// Whether a machine that is on takes a change of the key so that it matters.
fn hot(key: &str) -> bool {
    key.starts_with(GUEST)
}

fn keys(v: &Value<Keys>) -> Keys {
    v.get()
}

/// The [changes] that the plan has shown: changes made since are for the next plan, and a key that vSphere has
/// dropped is not written again.
fn shown(current: &Keys, prior: &Keys, wanted: &Keys) -> Keys {
    let mut all = changes(current, prior, wanted);
    all.retain(|k, _| prior.get(k) != wanted.get(k));
    all
}

/// What is kept beside the state: keys that vSphere has not taken, with digests of their values.
pub(super) const DROPPED: &str = "dropped_keys";
/// What is kept beside the state until what was written is read for the first time.
pub(super) const WRITTEN: &str = "written";

/// Finds, after a change, the keys that vSphere has dropped silently: those that have settings of their own. They
/// stay in the state, and are reported once.
pub(super) fn settle(cx: &Cx<'_, VirtualMachine>, config: &VirtualMachineConfigInfo, state: &M) {
    if cx.private(WRITTEN).is_none() {
        return;
    }
    cx.set_private(WRITTEN, Json::Null);
    let before = cx.private(DROPPED).map(|d| remembered(&d)).unwrap_or_default();
    let lost = lost(&of_machine(&config.extra_config), state.extra_config.known());
    let new: Vec<&str> =
        lost.iter().filter(|(k, v)| before.get(*k) != Some(v)).map(|(k, _)| k.as_str()).collect();
    if !new.is_empty() {
        let list = new.iter().map(|k| format!("{k:?}")).collect::<Vec<_>>().join(", ");
        let detail = format!(
            "vSphere has not kept {list}: it ignores keys for which there is a setting of its own. Set the attribute that \
             stands for it, or take the key out. It is not written again; this is said once."
        );
        cx.warn(M::EXTRA_CONFIG, "Extra configuration was ignored", detail);
    }
    cx.set_private(DROPPED, if lost.is_empty() { Json::Null } else { json!(lost) });
}

/// The keys that a machine does not have, with digests of their values. Pure.
fn lost(found: &Keys, wanted: Option<&Keys>) -> Keys {
    let wanted = wanted.into_iter().flatten();
    wanted
        .filter(|(k, v)| !v.is_empty() && !found.contains_key(*k))
        .map(|(k, v)| (k.clone(), digest(v)))
        .collect()
}

/// What cloud-init leaves of what it was given, once it has read it.
const REDACTED: &str = "---";
/// The end of the key that says how another is written.
const ENCODING: &str = ".encoding";

/// Whether the guest has put away what it was given.
fn is_redacted(key: &str, found: &Keys) -> bool {
    let taken = |key: &str| found.get(key).is_some_and(|v| v == REDACTED);
    key.starts_with(GUEST) && (taken(key) || key.strip_suffix(ENCODING).is_some_and(taken))
}

/// What a machine has.
pub(super) fn of_machine(options: &[OptionValue]) -> Keys {
    options.iter().filter_map(|o| Some((o.key.clone(), o.value.as_ref()?.to_text()?))).collect()
}

/// The options to send.
pub(super) fn options(current: &Keys, prior: Option<&M>, plan: &M) -> Vec<OptionValue> {
    let prior = prior.map(|p| keys(&p.extra_config)).unwrap_or_default();
    shown(current, &prior, &keys(&plan.extra_config))
        .into_iter()
        .map(|(key, value)| OptionValue { key, value: Some(Any::String(value)) })
        .collect()
}

/// Whether a running machine has to be turned off and on for it. `current` is what there is.
pub(super) fn effects(current: &Keys, prior: Option<&M>, plan: &M) -> Effects {
    let mut out = Effects::default();
    let required = plan.extra_config_reboot_required.known().copied().unwrap_or(true);
    let before = prior.map(|p| keys(&p.extra_config)).unwrap_or_default();
    for key in shown(current, &before, &keys(&plan.extra_config)).keys() {
        if required && !hot(key) {
            let at = AttributePath::root().field(M::EXTRA_CONFIG).key(key);
            out.power_off(at, format!("`extra_config` changes {key:?}"));
        }
    }
    out
}

/// The same in a plan, where what there is is what the state says, or what was [seen](seen) when it was imported.
pub(super) fn plan(prior: Option<&M>, planned: &M, seen: Option<&Json>) -> Effects {
    let Some(prior) = prior else { return Effects::default() };
    match seen.filter(|_| prior.extra_config.is_null()) {
        Some(seen) => effects(&remembered(seen), Some(prior), &disguised(planned)),
        None => effects(&keys(&prior.extra_config), Some(prior), planned),
    }
}

/// What is kept beside the state after an import: an import cannot know which keys are the configuration's, but a plan can
/// tell whether they are as it wants them.
pub(super) const SEEN: &str = "extra_config";

/// The keys of a machine, as they are kept after its import. They may contain secrets that must not be in a state, so only
/// a digest of each value is.
pub(super) fn seen(options: &[OptionValue]) -> Json {
    json!(of_machine(options).iter().map(|(k, v)| (k.clone(), digest(v))).collect::<Keys>())
}

fn remembered(seen: &Json) -> Keys {
    serde_json::from_value(seen.clone()).unwrap_or_default()
}

pub(super) fn digest(value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The plan with digests for values.
fn disguised(planned: &M) -> M {
    let digests =
        planned.extra_config.clone().map(|all| all.iter().map(|(k, v)| (k.clone(), digest(v))).collect());
    M { extra_config: digests, ..planned.clone() }
}

/// Whether an imported machine has all keys that are planned.
pub(super) fn as_imported(seen: Option<&Json>, planned: &M) -> bool {
    seen.is_some_and(|seen| {
        changes(&remembered(seen), &Keys::new(), &keys(&disguised(planned).extra_config)).is_empty()
    })
}

/// What the state says of it: its own keys. What vSphere has `dropped`, and what the guest has put away once it had read it,
/// is as it was written.
pub(super) fn observed(options: &[OptionValue], state: &M, dropped: Option<&Json>) -> Value<Keys> {
    let Some(own) = state.extra_config.known() else { return state.extra_config.clone() };
    let found = of_machine(options);
    let dropped = dropped.map(remembered).unwrap_or_default();
    let seen = own.iter().filter_map(|(k, v)| match found.get(k) {
        _ if is_redacted(k, &found) => Some((k.clone(), v.clone())),
        None if !v.is_empty() && dropped.get(k) == Some(&digest(v)) => Some((k.clone(), v.clone())),
        Some(now) => Some((k.clone(), now.clone())),
        // An empty value is a key that is not there.
        None if v.is_empty() => Some((k.clone(), String::new())),
        None => None,
    });
    Value::Known(seen.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map(of: &[(&str, &str)]) -> Keys {
        of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn keys_of_others_stay() {
        let current = map(&[("svga.present", "TRUE"), ("a", "1"), ("b", "2")]);
        let prior = map(&[("a", "1"), ("b", "2"), ("deleted", "x")]);
        assert_eq!(changes(&current, &prior, &map(&[("a", "9")])), map(&[("a", "9"), ("b", "")]));
        assert_eq!(changes(&current, &prior, &prior), map(&[("deleted", "x")]));
        assert_eq!(changes(&current, &map(&[]), &map(&[("c", "")])), map(&[]));
    }

    #[test]
    fn guestinfo_never_reboots() {
        let prior = M { extra_config: Value::Known(map(&[])), ..M::default() };
        let plan_of = |key: &str, required: Option<bool>| M {
            extra_config: Value::Known(map(&[(key, "1")])),
            extra_config_reboot_required: required.into(),
            ..M::default()
        };
        for (key, required, off) in [
            ("guestinfo.userdata", None, 0),
            ("guestinfo.userdata", Some(true), 0),
            ("sched.mem.pin", None, 1),
            ("sched.mem.pin", Some(true), 1),
            ("sched.mem.pin", Some(false), 0),
        ] {
            assert_eq!(
                plan(Some(&prior), &plan_of(key, required), None).power_off.len(),
                off,
                "{key} {required:?}"
            );
        }
    }

    #[test]
    fn the_state_has_its_own_keys() {
        let options = vec![
            OptionValue { key: "a".to_owned(), value: Some(Any::String("2".to_owned())) },
            OptionValue { key: "svga".to_owned(), value: Some(Any::String("x".to_owned())) },
        ];
        let state = |v| M { extra_config: v, ..M::default() };
        assert_eq!(observed(&options, &state(Value::Null), None), Value::Null);
        let own = map(&[("a", "1"), ("b", "1"), ("c", "")]);
        assert_eq!(
            observed(&options, &state(Value::Known(own)), None),
            Value::Known(map(&[("a", "2"), ("c", "")]))
        );
    }

    #[test]
    fn keys_dropped_by_vsphere_or_the_guest_are_not_a_difference() {
        let option =
            |k: &str, v: &str| OptionValue { key: k.to_owned(), value: Some(Any::String(v.to_owned())) };
        let state = |own: &Keys| M { extra_config: Value::Known(own.clone()), ..M::default() };
        let own = map(&[
            ("guestinfo.userdata", "secret"),
            ("guestinfo.userdata.encoding", "base64"),
            ("guestinfo.other", "1"),
            ("memsize", "2048"),
        ]);
        let there = [option("guestinfo.userdata", "---"), option("guestinfo.other", "2")];
        let dropped = json!(lost(&of_machine(&there), Some(&own)));
        assert!(!dropped.to_string().contains("2048"), "a value may be a secret");
        let seen = observed(&there, &state(&own), Some(&dropped));
        let mut expected = own.clone();
        expected.insert("guestinfo.other".to_owned(), "2".to_owned());
        assert_eq!(seen, Value::Known(expected));
        // With another value it is written again.
        let other = map(&[("memsize", "4096")]);
        assert_eq!(observed(&there, &state(&other), Some(&dropped)), Value::Known(map(&[])));
        assert_eq!(shown(&of_machine(&there), &own, &own), map(&[]));
    }

    #[test]
    fn what_was_imported_is_known_without_its_values() {
        let option =
            |k: &str, v: &str| OptionValue { key: k.to_owned(), value: Some(Any::String(v.to_owned())) };
        let kept = seen(&[option("sched.mem.pin", "TRUE"), option("guestinfo.password", "hunter2")]);
        assert!(!kept.to_string().contains("hunter2"));
        let prior = M::default();
        let planned =
            |v: &str| M { extra_config: Value::Known(map(&[("sched.mem.pin", v)])), ..M::default() };
        assert!(as_imported(Some(&kept), &planned("TRUE")) && !as_imported(Some(&kept), &planned("FALSE")));
        assert!(!as_imported(None, &planned("TRUE")));
        assert_eq!(plan(Some(&prior), &planned("TRUE"), Some(&kept)).power_off.len(), 0);
        assert_eq!(plan(Some(&prior), &planned("FALSE"), Some(&kept)).power_off.len(), 1);
    }

    fn any_keys() -> impl Strategy<Value = Keys> {
        prop::collection::btree_map("[a-d]", "[01]{0,1}", 0..5)
    }

    proptest! {
        #[test]
        fn it_converges_in_one_apply_and_touches_only_its_own(
            others in any_keys(), prior in any_keys(), wanted in any_keys(),
        ) {
            let mut machine: Keys = others.clone();
            machine.extend(prior.clone());
            machine.retain(|_, v| !v.is_empty());
            let before = machine.clone();
            for (k, v) in changes(&before, &prior, &wanted) {
                if v.is_empty() { machine.remove(&k); } else { machine.insert(k, v); }
            }
            prop_assert_eq!(changes(&machine, &wanted, &wanted), Keys::new());
            for (k, v) in &before {
                if !prior.contains_key(k) && !wanted.contains_key(k) {
                    prop_assert_eq!(machine.get(k), Some(v));
                }
            }
        }
    }
}
