//! The hosts of a cluster: which ones move in and out.
use std::collections::BTreeSet;

/// The hosts that move into a cluster, and those that leave it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Moves {
    pub(super) into: Vec<String>,
    pub(super) out: Vec<String>,
}

/// What a plan changes, as far as it is still to be done: hosts that are neither in the state nor in the plan stay where
/// they are. Pure.
pub(super) fn moves(prior: &BTreeSet<String>, plan: &BTreeSet<String>, now: &BTreeSet<String>) -> Moves {
    Moves {
        into: plan.difference(prior).filter(|h| !now.contains(*h)).cloned().collect(),
        out: prior.difference(plan).filter(|h| now.contains(*h)).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn hosts_that_the_plan_does_not_name_stay() {
        for (prior, plan, now, into, out) in [
            (&["a"][..], &["a", "b"][..], &["a"][..], &["b"][..], &[][..]),
            (&["a", "b"], &["a"], &["a", "b", "c"], &[], &["b"]),
            // Already done outside Terraform.
            (&["a"], &["b"], &["b"], &[], &[]),
            (&[], &[], &["c"], &[], &[]),
        ] {
            let found = moves(&set(prior), &set(plan), &set(now));
            let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(found, Moves { into: names(into), out: names(out) });
        }
    }
}
