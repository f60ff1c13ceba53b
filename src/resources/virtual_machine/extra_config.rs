//! Further configuration keys.
use super::effects::Effects;
use super::model::VirtualMachineModel as M;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use tf_framework::{AttributePath, Value};
use vsphere_client::vim::types::OptionValue;
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

/// What a machine has.
pub(super) fn of_machine(options: &[OptionValue]) -> Keys {
    options.iter().filter_map(|o| Some((o.key.clone(), value(o)?))).collect()
}

fn value(option: &OptionValue) -> Option<String> {
    match option.value.as_ref()? {
        Any::String(s) => Some(s.clone()),
        Any::Bool(b) => Some(b.to_string()),
        Any::Int(n) => Some(n.to_string()),
        Any::Long(n) => Some(n.to_string()),
        _ => None,
    }
}

/// The options to send.
pub(super) fn options(current: &Keys, prior: Option<&M>, plan: &M) -> Vec<OptionValue> {
    let prior = prior.map(|p| keys(&p.extra_config)).unwrap_or_default();
    changes(current, &prior, &keys(&plan.extra_config))
        .into_iter()
        .map(|(key, value)| OptionValue { key, value: Some(Any::String(value)) })
        .collect()
}

/// Whether a running machine has to be turned off and on for it. `current` is what there is.
pub(super) fn effects(current: &Keys, prior: Option<&M>, plan: &M) -> Effects {
    let mut out = Effects::default();
    let required = plan.extra_config_reboot_required.known().copied().unwrap_or(true);
    let before = prior.map(|p| keys(&p.extra_config)).unwrap_or_default();
    for key in changes(current, &before, &keys(&plan.extra_config)).keys() {
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

/// The keys of a machine, as they are kept after its import. They may hold secrets that nobody wants in a state, so only
/// a digest of each value is.
pub(super) fn seen(options: &[OptionValue]) -> Json {
    json!(of_machine(options).iter().map(|(k, v)| (k.clone(), digest(v))).collect::<Keys>())
}

fn remembered(seen: &Json) -> Keys {
    serde_json::from_value(seen.clone()).unwrap_or_default()
}

fn digest(value: &str) -> String {
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

/// What the state says of it: its own keys.
pub(super) fn observed(options: &[OptionValue], state: &M) -> Value<Keys> {
    let Some(own) = state.extra_config.known() else { return state.extra_config.clone() };
    let found = of_machine(options);
    let seen = own.iter().filter_map(|(k, v)| match found.get(k) {
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
        let prior = map(&[("a", "1"), ("b", "2"), ("gone", "x")]);
        assert_eq!(changes(&current, &prior, &map(&[("a", "9")])), map(&[("a", "9"), ("b", "")]));
        assert_eq!(changes(&current, &prior, &prior), map(&[("gone", "x")]));
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
        assert_eq!(observed(&options, &state(Value::Null)), Value::Null);
        let own = map(&[("a", "1"), ("b", "1"), ("c", "")]);
        assert_eq!(
            observed(&options, &state(Value::Known(own))),
            Value::Known(map(&[("a", "2"), ("c", "")]))
        );
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
