//! Ways of being equal in meaning, for `#[tf(same = …)]`.
use crate::Dynamic;

/// Two lists that hold the same elements in any order, duplicates aside; no list is an empty list.
pub fn unordered(a: &Dynamic, b: &Dynamic) -> bool {
    fn keys(v: &Dynamic) -> Option<std::collections::BTreeSet<String>> {
        match v {
            Dynamic::Null => Some(Default::default()),
            Dynamic::List(x) if !v.has_unknown() => Some(x.iter().map(|d| format!("{d:?}")).collect()),
            _ => None,
        }
    }
    keys(a).is_some_and(|a| Some(a) == keys(b))
}

/// Two texts that differ in case only.
pub fn ignore_case(a: &Dynamic, b: &Dynamic) -> bool {
    matches!((a, b), (Dynamic::String(a), Dynamic::String(b)) if a.to_lowercase() == b.to_lowercase())
}
