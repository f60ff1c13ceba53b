//! "Did you mean …?", and the names that there are instead.

/// How many names an error lists.
const LISTED: usize = 20;

/// The candidate that is most like `word`; `None` where none is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (c, strsim::normalized_damerau_levenshtein(&lower, &c.to_lowercase())))
        .filter(|(_, score)| *score >= 0.5)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(c, _)| c)
}

/// `Did you mean "…"?`, or nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|c| format!(" Did you mean {c:?}?")).unwrap_or_default()
}

/// What is in a list, for a sentence: `"a", "b" and 3 more`.
pub fn some(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The end of a sentence that lists names in order, and the name that may be meant by `word`: `"a", "b". Did you mean "a"?`
pub fn listed(mut names: Vec<String>, word: &str) -> String {
    names.sort();
    let near = did_you_mean(word, names.iter().map(String::as_str));
    format!("{}.{near}", some(&names, LISTED))
}

/// A sentence with all that vCenter has of a kind, in the plural, and what may be meant by `word`.
pub fn there_are(kind: &str, names: Vec<String>, word: &str) -> String {
    if names.is_empty() {
        return format!("vCenter does not have any {kind}.");
    }
    format!("vCenter has the {kind} {}", listed(names, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_found_and_the_foreign_is_not() {
        let all = ["VirtualMachine.Config.AddNewDisk", "Datastore.Browse", "Datastore.AllocateSpace"];
        assert_eq!(nearest("VirtualMachine.Config.AddNewDisc", all), Some(all[0]));
        assert_eq!(nearest("datastore.allocatespace", all), Some(all[2]));
        assert_eq!(nearest("zzz", all), None);
    }

    #[test]
    fn names_are_listed_in_order_up_to_a_limit() {
        let names = |n: usize| (0..n).rev().map(|i| format!("n{i:02}")).collect::<Vec<_>>();
        assert_eq!(listed(names(2), "zzz"), "\"n00\", \"n01\".");
        let long = listed(names(LISTED + 3), "n22");
        assert!(long.starts_with("\"n00\", \"n01\", "), "{long}");
        assert!(long.ends_with("\"n19\" and 3 more. Did you mean \"n22\"?"), "{long}");
    }
}
