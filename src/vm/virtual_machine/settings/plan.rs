//! What changes of the settings, and what a machine that is on cannot take. Pure.
use std::collections::BTreeMap;

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Setting {
    /// A number, in the unit of its attribute.
    Number(i64),
    /// A switch.
    Flag(bool),
    /// A text.
    Text(String),
}

impl Setting {
    /// 0, false or nothing.
    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Self::Number(0) | Self::Flag(false)) || matches!(self, Self::Text(t) if t.is_empty())
    }
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Flag(b) => write!(f, "{b}"),
            Self::Text(t) => write!(f, "{t:?}"),
        }
    }
}

/// Settings by the names of their attributes; what is not in it is not spoken of.
pub(in super::super) type Settings = BTreeMap<&'static str, Setting>;

/// Up to which size memory can be added while the machine is on; not there where the server does not tell.
pub(super) const HOT_MEMORY_LIMIT: &str = "(hot memory limit)";
/// In which steps.
pub(super) const HOT_MEMORY_STEP: &str = "(hot memory step)";

/// What a machine that is on can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heat {
    /// The change.
    Hot,
    /// Nothing: it has to be off.
    Off,
    /// More, where the machine was made so while it was off.
    More(&'static str),
    /// More and less, where the machine was made so while it was off.
    MoreOrLess(&'static str, &'static str),
}

/// One setting that changes.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Change {
    /// The attribute.
    pub(in super::super) name: &'static str,
    /// What it becomes.
    pub(in super::super) to: Setting,
    /// Why the machine has to be off for it; nothing where it need not be.
    pub(in super::super) off: Option<String>,
}

/// What changes from `current` to `wanted`. Only what is wanted is compared. `heat` says what a running machine takes.
pub(super) fn changes(
    current: &Settings,
    wanted: &Settings,
    heat: impl Fn(&'static str) -> Heat,
) -> Vec<Change> {
    wanted
        .iter()
        .filter(|(name, to)| match current.get(*name) {
            Some(now) => !equal(now, to),
            // An unset value and zero are equal.
            None => !to.is_zero(),
        })
        .map(|(name, to)| {
            let off = reason(heat(name), current, name, to);
            Change { name, to: to.clone(), off }
        })
        .collect()
}

fn equal(a: &Setting, b: &Setting) -> bool {
    a == b || (a.is_zero() && b.is_zero())
}

/// Why a machine that is on cannot take it.
fn reason(heat: Heat, current: &Settings, name: &'static str, to: &Setting) -> Option<String> {
    let allowed = |by: &str| current.get(by) == Some(&Setting::Flag(true));
    let from = current.get(name);
    let (Some(Setting::Number(before)), Setting::Number(after)) = (from, to) else {
        return (heat != Heat::Hot).then(|| match from {
            Some(from) if !from.is_zero() => format!("`{name}` changes from {from} to {to}"),
            _ => format!("`{name}` becomes {to}"),
        });
    };
    let step = format!("`{name}` changes from {before} to {after}");
    match heat {
        Heat::Hot => None,
        Heat::More(by) if after > before && allowed(by) => {
            let limit = |name: &str| match current.get(name) {
                Some(Setting::Number(n)) if *n > 0 => Some(*n),
                _ => None,
            };
            match (limit(HOT_MEMORY_LIMIT), limit(HOT_MEMORY_STEP)) {
                (Some(limit), _) if *after > limit => Some(format!(
                    "{step}, and while the virtual machine is on no more than {limit} MiB can be reached"
                )),
                (_, Some(by)) if (after - before) % by != 0 => Some(format!(
                    "{step}, and while the virtual machine is on memory is added in steps of {by} MiB"
                )),
                _ => None,
            }
        }
        Heat::MoreOrLess(by, _) if after > before && allowed(by) => None,
        Heat::MoreOrLess(_, by) if after < before && allowed(by) => None,
        Heat::More(by) | Heat::MoreOrLess(by, _) if after > before => {
            Some(format!("{step}, and `{by}` is not true"))
        }
        Heat::MoreOrLess(_, by) => Some(format!("{step}, and `{by}` is not true")),
        Heat::More(_) | Heat::Off => Some(step),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heat(name: &'static str) -> Heat {
        match name {
            "num_cpus" => Heat::MoreOrLess("cpu_hot_add_enabled", "cpu_hot_remove_enabled"),
            "memory" => Heat::More("memory_hot_add_enabled"),
            "annotation" => Heat::Hot,
            _ => Heat::Off,
        }
    }

    fn settings(of: &[(&'static str, Setting)]) -> Settings {
        of.iter().cloned().collect()
    }

    #[test]
    fn a_machine_that_is_on_takes_what_it_was_made_for() {
        use Setting::{Flag, Number};
        for (hot, from, to, name, off) in [
            ("cpu_hot_add_enabled", 2, 4, "num_cpus", None),
            ("cpu_hot_remove_enabled", 2, 4, "num_cpus", Some("`cpu_hot_add_enabled` is not true")),
            ("cpu_hot_remove_enabled", 4, 2, "num_cpus", None),
            ("cpu_hot_add_enabled", 4, 2, "num_cpus", Some("`cpu_hot_remove_enabled` is not true")),
            ("memory_hot_add_enabled", 1024, 2048, "memory", None),
            ("memory_hot_add_enabled", 2048, 1024, "memory", Some("from 2048 to 1024")),
            ("nothing", 1024, 2048, "memory", Some("`memory_hot_add_enabled` is not true")),
        ] {
            let current = settings(&[(hot, Flag(true)), (name, Number(from))]);
            // That it becomes possible with this very change does not help.
            let wanted = settings(&[
                (name, Number(to)),
                ("cpu_hot_add_enabled", Flag(true)),
                ("cpu_hot_remove_enabled", Flag(true)),
                ("memory_hot_add_enabled", Flag(true)),
            ]);
            let all = changes(&current, &wanted, heat);
            let one = all.iter().find(|c| c.name == name).unwrap();
            match off {
                None => assert_eq!(one.off, None, "{hot} {from} {to}"),
                Some(text) => assert!(one.off.as_ref().unwrap().contains(text), "{:?}", one.off),
            }
        }
    }

    #[test]
    fn memory_is_added_up_to_a_limit_and_in_steps() {
        use Setting::{Flag, Number};
        for (limit, step, to, off) in [
            (None, None, 65536, None),
            (Some(0), Some(0), 65536, None),
            (Some(3072), Some(128), 3072, None),
            (Some(3072), Some(128), 4096, Some("no more than 3072 MiB")),
            (Some(3072), Some(128), 2052, Some("in steps of 128 MiB")),
            (Some(3072), None, 2052, None),
            (None, Some(128), 65536, None),
        ] {
            let mut current = settings(&[("memory_hot_add_enabled", Flag(true)), ("memory", Number(2048))]);
            current.extend(limit.map(|n| (HOT_MEMORY_LIMIT, Number(n))));
            current.extend(step.map(|n| (HOT_MEMORY_STEP, Number(n))));
            let all = changes(&current, &settings(&[("memory", Number(to))]), heat);
            match off {
                None => assert_eq!(all[0].off, None, "{limit:?} {step:?} {to}"),
                Some(text) => assert!(all[0].off.as_ref().unwrap().contains(text), "{:?}", all[0].off),
            }
        }
    }

    #[test]
    fn what_is_not_wanted_is_not_compared_and_nothing_is_zero() {
        use Setting::{Flag, Number, Text};
        let current = settings(&[("a", Number(3)), ("b", Flag(false)), ("c", Text(String::new()))]);
        let wanted =
            settings(&[("b", Flag(false)), ("c", Text(String::new())), ("d", Flag(false)), ("e", Number(0))]);
        assert_eq!(changes(&current, &wanted, heat), []);
        let off = |to: Setting| changes(&current, &settings(&[("b", to)]), heat)[0].off.clone().unwrap();
        assert_eq!(off(Flag(true)), "`b` becomes true");
    }

    fn any_settings() -> impl Strategy<Value = Settings> {
        let names = prop::sample::select(vec!["num_cpus", "memory", "annotation", "firmware", "evc_mode"]);
        let value = prop_oneof![
            (0_i64..4).prop_map(Setting::Number),
            any::<bool>().prop_map(Setting::Flag),
            "[ab]{0,1}".prop_map(Setting::Text),
        ];
        prop::collection::btree_map(names, value, 0..5)
    }

    proptest! {
        #[test]
        fn it_converges_in_one_apply_and_then_rests(current in any_settings(), wanted in any_settings()) {
            let mut after = current.clone();
            for change in changes(&current, &wanted, heat) {
                prop_assert!(wanted.contains_key(change.name));
                after.insert(change.name, change.to);
            }
            prop_assert_eq!(changes(&after, &wanted, heat), []);
            for (name, value) in &current {
                prop_assert!(wanted.contains_key(name) || after.get(name) == Some(value));
            }
        }
    }
}
