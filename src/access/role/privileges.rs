//! The privileges of a role, in the form of the configuration. Pure.
use crate::nearest::did_you_mean;
use std::collections::BTreeSet;
use tf_framework::Dynamic;

/// Every role has these: vCenter adds them, and they are never a difference.
pub(super) fn implied(id: &str) -> bool {
    matches!(id, "System.Anonymous" | "System.Read" | "System.View")
}

fn without_implied(v: &Dynamic) -> Option<BTreeSet<&str>> {
    match v {
        Dynamic::Null => Some(BTreeSet::new()),
        Dynamic::List(x) => x.iter().map(Dynamic::as_str).collect::<Option<BTreeSet<_>>>().map(|mut s| {
            s.retain(|p| !implied(p));
            s
        }),
        _ => None,
    }
}

/// Two lists that mean the same role: a set, without what every role has.
pub(super) fn same(a: &Dynamic, b: &Dynamic) -> bool {
    without_implied(a).is_some_and(|a| Some(a) == without_implied(b))
}

/// The known privileges of a group, those of the groups below it included.
pub(super) fn of_group<'a>(group: &str, known: &[&'a str]) -> BTreeSet<&'a str> {
    let group = group.trim_end_matches(".*");
    known.iter().filter(|k| k.strip_prefix(group).is_some_and(|r| r.starts_with('.'))).copied().collect()
}

/// A privilege or group that the vCenter does not know.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    /// Its place in `role_privileges`; nothing for a group.
    pub(super) index: Option<usize>,
    /// What was written.
    pub(super) id: String,
    /// `Did you mean …?`, or nothing.
    pub(super) hint: String,
}

/// Everything in `listed` and `groups` that the vCenter does not know.
pub(super) fn unknown(listed: &[String], groups: &BTreeSet<String>, known: &[&str]) -> Vec<Unknown> {
    let all: BTreeSet<&str> = known.iter().copied().collect();
    let mut out: Vec<Unknown> = listed
        .iter()
        .enumerate()
        .filter(|(_, id)| !all.contains(id.as_str()) && !implied(id))
        .map(|(i, id)| Unknown {
            index: Some(i),
            id: id.clone(),
            hint: match of_group(id, known).len() {
                0 => did_you_mean(id, known.iter().copied()),
                n => format!(" That is a group of {n} privileges: put it into `privilege_groups`."),
            },
        })
        .collect();
    let names: BTreeSet<&str> = known.iter().filter_map(|k| k.rsplit_once('.').map(|(g, _)| g)).collect();
    out.extend(groups.iter().filter(|g| of_group(g, known).is_empty()).map(|g| Unknown {
        index: None,
        id: g.clone(),
        hint: did_you_mean(g, names.iter().copied()),
    }));
    out
}

/// What the role shall hold: what is listed and known, and all of the groups; sorted, each once.
pub(super) fn wanted(listed: &[String], groups: &BTreeSet<String>, known: &[&str]) -> Vec<String> {
    let all: BTreeSet<&str> = known.iter().copied().collect();
    let mut out: BTreeSet<&str> =
        listed.iter().map(String::as_str).filter(|id| all.contains(id) && !implied(id)).collect();
    for g in groups {
        out.extend(of_group(g, known).into_iter().filter(|p| !implied(p)));
    }
    out.into_iter().map(str::to_owned).collect()
}

/// Whether a role that holds `actual` holds just what is `wanted`.
pub(super) fn holds(actual: &[String], wanted: &[String]) -> bool {
    let actual: BTreeSet<&str> = actual.iter().map(String::as_str).filter(|p| !implied(p)).collect();
    actual == wanted.iter().map(String::as_str).collect()
}

/// What a role holds, in the words of the state: `(role_privileges, privilege_groups)`.
///
/// A group stays in the state while the role holds all of it. What a group covers is not listed again, unless it
/// was listed before. What the vCenter does not know stays listed where it is to be ignored.
pub(super) fn observed(
    actual: &[String],
    listed: &[String],
    groups: &BTreeSet<String>,
    ignored: bool,
    known: &[&str],
) -> (Vec<String>, BTreeSet<String>) {
    let have: BTreeSet<&str> = actual.iter().map(String::as_str).collect();
    let listed_before: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    let whole: BTreeSet<String> = groups
        .iter()
        .filter(|g| {
            let members = of_group(g, known);
            !members.is_empty() && members.iter().all(|m| have.contains(m))
        })
        .cloned()
        .collect();
    let covered: BTreeSet<&str> = whole.iter().flat_map(|g| of_group(g, known)).collect();
    let mut list: Vec<String> = actual
        .iter()
        .filter(|p| !implied(p) && (!covered.contains(p.as_str()) || listed_before.contains(p.as_str())))
        .cloned()
        .collect();
    if ignored {
        let all: BTreeSet<&str> = known.iter().copied().collect();
        list.extend(listed.iter().filter(|p| !all.contains(p.as_str()) && !implied(p)).cloned());
    }
    (list, whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KNOWN: [&str; 6] = ["A.B.one", "A.B.two", "A.C.three", "D.four", "System.Read", "System.View"];

    fn list(items: &[&str]) -> Dynamic {
        Dynamic::List(items.iter().map(|s| Dynamic::from(*s)).collect())
    }

    fn owned<C: FromIterator<String>>(items: &[&str]) -> C {
        items.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn a_role_holds_what_is_wanted_without_what_every_role_has() {
        let holds = |a: &[&str], w: &[&str]| holds(&owned::<Vec<_>>(a), &owned::<Vec<_>>(w));
        assert!(holds(&["System.Read", "D.four", "A.B.one"], &["A.B.one", "D.four"]) && holds(&[], &[]));
        assert!(!holds(&["D.four"], &["A.B.one", "D.four"]) && !holds(&["D.four"], &[]));
    }

    #[test]
    fn order_repetition_and_implied_privileges_do_not_matter() {
        assert!(same(&list(&["a", "b"]), &list(&["b", "a", "a"])));
        assert!(same(&list(&["System.Read", "a"]), &list(&["a"])));
        assert!(same(&list(&["System.View"]), &Dynamic::Null));
        assert!(!same(&list(&["a"]), &list(&["b"])));
        assert!(!same(&list(&["a"]), &Dynamic::Unknown));
        assert!(!same(&list(&["System.Other"]), &Dynamic::Null));
    }

    #[test]
    fn groups_hold_what_is_below_them() {
        assert_eq!(of_group("A", &KNOWN).len(), 3);
        assert_eq!(of_group("A.B.*", &KNOWN), BTreeSet::from(["A.B.one", "A.B.two"]));
        assert!(of_group("A.B.o", &KNOWN).is_empty());
    }

    #[test]
    fn what_is_unknown_is_named_with_what_was_meant() {
        let problems = unknown(&owned::<Vec<_>>(&["A.B.one", "A.B.twoo"]), &owned(&["A.Bee"]), &KNOWN);
        assert_eq!(problems.len(), 2);
        assert_eq!((problems[0].index, problems[0].hint.as_str()), (Some(1), " Did you mean \"A.B.two\"?"));
        assert_eq!(problems[1].id, "A.Bee");
        let group = unknown(&owned::<Vec<_>>(&["A.B"]), &BTreeSet::new(), &KNOWN);
        assert_eq!(group[0].hint, " That is a group of 2 privileges: put it into `privilege_groups`.");
    }

    #[test]
    fn a_group_that_lost_a_member_is_seen() {
        let groups: BTreeSet<String> = owned(&["A.B"]);
        let (list, whole) = observed(&owned::<Vec<_>>(&["A.B.one", "D.four"]), &[], &groups, false, &KNOWN);
        assert_eq!((list, whole), (owned(&["A.B.one", "D.four"]), BTreeSet::new()));
    }

    proptest! {
        /// What was asked for and made is seen as what was asked for.
        #[test]
        fn a_created_role_has_no_changes(
            listed in proptest::sample::subsequence(KNOWN.to_vec(), 0..=6),
            groups in proptest::sample::subsequence(vec!["A", "A.B", "A.C", "D"], 0..=4),
            strange in any::<bool>(),
        ) {
            let mut listed: Vec<String> = owned(&listed);
            if strange {
                listed.push("Not.There".into());
            }
            let groups: BTreeSet<String> = owned(&groups);
            let mut made = wanted(&listed, &groups, &KNOWN);
            made.extend(owned::<Vec<_>>(&["System.Anonymous", "System.Read", "System.View"]));
            let (list_, whole) = observed(&made, &listed, &groups, true, &KNOWN);
            let as_value = |x: &[String]| Dynamic::List(x.iter().map(|s| Dynamic::from(s.as_str())).collect());
            prop_assert!(same(&as_value(&list_), &as_value(&listed)));
            prop_assert_eq!(whole, groups);
        }
    }
}
