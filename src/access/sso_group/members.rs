//! Which members an update adds to a group and removes from it.

/// The changes of the members.
#[derive(Debug, PartialEq)]
pub(super) struct Changes<T> {
    /// To be added.
    pub(super) add: Vec<T>,
    /// To be removed.
    pub(super) remove: Vec<T>,
}

/// The changes from the present members to the wanted ones. Only members that the plan has shown (`before`) are removed:
/// one that was added since then is removed by the next plan.
pub(super) fn changes<T: Clone + PartialEq>(now: &[T], before: &[T], wanted: &[T]) -> Changes<T> {
    let mut add: Vec<T> = vec![];
    for member in wanted.iter().filter(|m| !now.contains(m)) {
        if !add.contains(member) {
            add.push(member.clone());
        }
    }
    let remove = now.iter().filter(|m| before.contains(m) && !wanted.contains(m)).cloned().collect();
    Changes { add, remove }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_the_state_that_are_not_declared_are_removed() {
        let changes = changes(&["a", "b", "new"], &["a", "b"], &["b", "c", "c"]);
        assert_eq!(changes, Changes { add: vec!["c"], remove: vec!["a"] });
    }

    #[test]
    fn what_is_as_wanted_does_not_change() {
        assert_eq!(changes(&["a"], &[], &["a"]), Changes { add: vec![], remove: vec![] });
        assert_eq!(changes(&[], &["a"], &[]), Changes::<&str> { add: vec![], remove: vec![] });
    }
}
