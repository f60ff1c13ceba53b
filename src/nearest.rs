//! "Did you mean …?"

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
}
