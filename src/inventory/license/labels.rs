//! The changes from the labels that a license has to those that it is to have. Pure.
use std::collections::BTreeMap;

/// A change of one label.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change<'a> {
    /// Its name and its value.
    Set(&'a str, &'a str),
    Remove(&'a str),
}

/// The changes, first those that set a label.
pub(super) fn changes<'a>(
    before: &'a BTreeMap<String, String>,
    after: &'a BTreeMap<String, String>,
) -> Vec<Change<'a>> {
    let set = after.iter().filter(|(k, v)| before.get(*k) != Some(v)).map(|(k, v)| Change::Set(k, v));
    let removed = before.keys().filter(|k| !after.contains_key(*k)).map(|k| Change::Remove(k));
    set.chain(removed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_changes() {
        let labels = |of: &[(&str, &str)]| -> BTreeMap<String, String> {
            of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let before = labels(&[("name", "a"), ("owner", "b"), ("old", "c")]);
        let after = labels(&[("name", "a"), ("owner", "x"), ("new", "d")]);
        assert_eq!(
            changes(&before, &after),
            [Change::Set("new", "d"), Change::Set("owner", "x"), Change::Remove("old")]
        );
        assert_eq!(changes(&after, &after), []);
    }
}
