//! What of a plan is sent to vCenter, and what of its answers goes into the state: one value at a time. A request names
//! only what the plan changes, because vCenter leaves the rest of an object as it is (such as with `modify = true` of
//! `ReconfigureComputeResource_Task`), and other users may have changed that.
use std::collections::BTreeMap;
use tf_framework::Value;
use vsphere_client::vim::types::OptionValue;
use vsphere_client::vim::xml::Any;

/// The value to send; nothing where the plan leaves it as it was. A value that was removed is sent as its zero.
pub(crate) fn sent<M, T: Clone + Default + PartialEq>(
    prior: Option<&M>,
    plan: &M,
    of: impl Fn(&M) -> &Value<T>,
) -> Option<T> {
    let now = of(plan);
    let same = prior.map_or(now.is_null(), |p| of(p) == now);
    (!same && !now.is_unknown()).then(|| now.get())
}

/// As [`sent`], of a number, which vSphere stores in 32 bits.
pub(crate) fn sent_number<M>(prior: Option<&M>, plan: &M, of: impl Fn(&M) -> &Value<i64>) -> Option<i32> {
    sent(prior, plan, of).and_then(|n| i32::try_from(n).ok())
}

/// Whether a plan changes one of some values.
pub(crate) fn changes<M, T: PartialEq>(prior: Option<&M>, plan: &M, of: impl Fn(&M) -> &Value<T>) -> bool {
    prior.is_none_or(|p| of(p) != of(plan))
}

/// What the server returns, or what is in the state where it returns nothing.
pub(crate) fn kept<T>(seen: Option<T>, state: Value<T>) -> Value<T> {
    seen.map_or(state, Value::Known)
}

/// As [`kept`], of a number.
pub(crate) fn kept_number(seen: Option<i32>, state: Value<i64>) -> Value<i64> {
    kept(seen.map(i64::from), state)
}

/// The value of an option as a text; empty without one.
pub(crate) fn option_text(option: &OptionValue) -> String {
    option.value.as_ref().and_then(Any::to_text).unwrap_or_default()
}

type Options = BTreeMap<String, String>;

/// The advanced options to send: nothing where the plan leaves them as they were. Otherwise all that are planned, so that
/// they stay where the server takes the list as a whole, and those that are not wanted any more with an empty value, which
/// removes them where it takes the list option by option.
pub(crate) fn options<M>(
    prior: Option<&M>,
    plan: &M,
    of: impl Fn(&M) -> &Value<Options>,
) -> Vec<OptionValue> {
    if sent(prior, plan, &of).is_none() {
        return vec![];
    }
    let option = |(key, value): (&String, &str)| OptionValue {
        key: key.clone(),
        value: Some(Any::String(value.to_owned())),
    };
    let wanted = of(plan).get();
    let before = prior.map(|p| of(p).get()).unwrap_or_default();
    let removed = before.keys().filter(|key| !wanted.contains_key(*key)).map(|key| (key, ""));
    wanted.iter().map(|(key, value)| (key, value.as_str())).chain(removed).map(option).collect()
}

/// The advanced options that the server returns. One without a value counts as absent unless the state has it.
pub(crate) fn options_of(seen: &[OptionValue], state: Value<Options>) -> Value<Options> {
    let in_state = state.get();
    let seen: Options = seen
        .iter()
        .map(|o| (o.key.clone(), option_text(o)))
        .filter(|(key, value)| !value.is_empty() || in_state.contains_key(key))
        .collect();
    if seen.is_empty() && state.is_null() { Value::Null } else { seen.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Default)]
    struct One {
        options: Value<Options>,
    }

    fn with(options: Value<Options>) -> One {
        One { options }
    }

    /// What is there after a request, where the server takes the list as a whole or option by option.
    fn after(there: &[OptionValue], sent: &[OptionValue], whole: bool) -> Vec<OptionValue> {
        if sent.is_empty() {
            return there.to_vec();
        }
        if whole {
            return sent.to_vec();
        }
        let mut now: BTreeMap<String, OptionValue> =
            there.iter().map(|o| (o.key.clone(), o.clone())).collect();
        for o in sent {
            match &o.value {
                Some(Any::String(v)) if v.is_empty() => now.remove(&o.key),
                _ => now.insert(o.key.clone(), o.clone()),
            };
        }
        now.into_values().collect()
    }

    fn any_options() -> impl Strategy<Value = Options> {
        proptest::collection::btree_map("[a-d]", "[x-z]{1,2}", 0..4)
    }

    proptest! {
        /// The options that a plan wants are those that are seen after it, however the server takes a list.
        #[test]
        fn options_become_what_is_planned(before in any_options(), wanted in any_options(), whole: bool) {
            let there: Vec<OptionValue> = options(None, &with(before.clone().into()), |m| &m.options);
            let (prior, plan) = (with(before.into()), with(wanted.clone().into()));
            let now = after(&there, &options(Some(&prior), &plan, |m| &m.options), whole);
            prop_assert_eq!(options_of(&now, plan.options), Value::Known(wanted));
        }
    }

    #[test]
    fn options_of_others_are_left_alone() {
        let none = with(Value::Null);
        assert!(options(Some(&none), &none, |m| &m.options).is_empty());
        assert!(options(None, &none, |m| &m.options).is_empty());
    }

    #[test]
    fn only_changes_are_sent() {
        struct Two(Value<bool>);
        let (null, off, on) = (Two(Value::Null), Two(false.into()), Two(true.into()));
        for (prior, plan, expected) in [
            (None, &null, None),
            (None, &off, Some(false)),
            (Some(&on), &on, None),
            (Some(&on), &off, Some(false)),
            (Some(&on), &null, Some(false)),
        ] {
            assert_eq!(sent(prior, plan, |m| &m.0), expected);
        }
    }
}
