//! Which devices of the host a machine gets and gives back.
use crate::vm::virtual_machine::matching::Matching;

/// What has to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Of what is wanted, by its place.
    pub(super) add: Vec<usize>,
    /// Of what is there, by its place.
    pub(super) remove: Vec<usize>,
}

/// Compares names, of which one may be there several times: wanted devices that do not exist are added; those of the state
/// that are no longer wanted are removed. Others are kept.
pub(super) fn changes(wanted: &[String], known: &[String], there: &[String]) -> Changes {
    let mut has = Matching::new(wanted.len(), there.len());
    has.first(|i, j| wanted[i] == there[j]);
    let mut still = Matching::new(wanted.len(), known.len());
    still.first(|i, j| wanted[i] == known[j]);
    let unwanted: Vec<&String> = still.left().into_iter().map(|k| &known[k]).collect();
    let free = has.left();
    let mut removed = Matching::new(unwanted.len(), free.len());
    removed.first(|i, j| *unwanted[i] == there[free[j]]);
    let mut remove: Vec<usize> = removed.into_pairs().into_iter().flatten().map(|j| free[j]).collect();
    remove.sort_unstable();
    Changes { add: has.alone(), remove }
}

/// What of the state is there, in the order of the state; then, if the state is only begun, all else.
pub(super) fn present(known: &[String], there: &[String], imported: bool) -> Vec<String> {
    let mut found = Matching::new(known.len(), there.len());
    found.first(|i, j| known[i] == there[j]);
    let left = found.left();
    let pairs = found.into_pairs();
    let mut out: Vec<String> =
        known.iter().zip(pairs).filter(|(_, p)| p.is_some()).map(|(k, _)| k.clone()).collect();
    if imported {
        out.extend(left.into_iter().map(|j| there[j].clone()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_ours_goes_and_what_is_there_is_not_added() {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (wanted, known, there, add, remove) in [
            ("a", "", "", vec![0], vec![]),
            ("a", "a", "a", vec![], vec![]),
            ("", "a", "a", vec![], vec![0]),
            ("", "", "a", vec![], vec![]),
            ("a", "", "b a", vec![], vec![]),
            ("b", "a", "x a", vec![0], vec![1]),
            ("q q", "q", "q", vec![1], vec![]),
            ("q", "q q", "q q q", vec![], vec![1]),
            ("", "a", "", vec![], vec![]),
            ("a", "a", "", vec![0], vec![]),
            ("", "a b", "b a", vec![], vec![0, 1]),
        ] {
            let got = changes(&list(wanted), &list(known), &list(there));
            assert_eq!(got, Changes { add, remove }, "{wanted:?} {known:?} {there:?}");
        }
        assert_eq!(present(&list("c a b"), &list("b a x"), false), list("a b"));
        assert_eq!(present(&list("c a b"), &list("b a x"), true), list("a b x"));
    }
}
