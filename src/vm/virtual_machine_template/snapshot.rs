//! What becomes of the snapshot of a template. Pure.

/// A snapshot that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Existing {
    pub(super) id: String,
    pub(super) name: String,
}

/// A change of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// It stays as it is.
    Nothing,
    /// It is taken.
    Take(String),
    /// The snapshot of that ID gets another name.
    Rename(String, String),
    /// The snapshot of that ID is removed.
    Remove(String),
}

/// The change from what exists. `before` is the ID of the snapshot in the state, and `wanted` the planned name; both may be
/// empty. A snapshot that already has the name is not taken again.
pub(super) fn change(existing: &[Existing], before: &str, wanted: &str) -> Change {
    let own = existing.iter().find(|s| !before.is_empty() && s.id == before);
    match own {
        Some(own) if wanted.is_empty() => Change::Remove(own.id.clone()),
        Some(own) if own.name == wanted => Change::Nothing,
        Some(own) => Change::Rename(own.id.clone(), wanted.to_owned()),
        None if wanted.is_empty() || existing.iter().any(|s| s.name == wanted) => Change::Nothing,
        None => Change::Take(wanted.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshot_is_taken_renamed_or_removed() {
        let all = [("snapshot-1", "base"), ("snapshot-2", "other")]
            .map(|(id, name)| Existing { id: id.to_owned(), name: name.to_owned() });
        for (existing, before, wanted, expected) in [
            (&all[..0], "", "", Change::Nothing),
            (&all[..0], "", "base", Change::Take("base".into())),
            (&all[..1], "snapshot-1", "base", Change::Nothing),
            (&all[..1], "snapshot-1", "golden", Change::Rename("snapshot-1".into(), "golden".into())),
            (&all[..1], "snapshot-1", "", Change::Remove("snapshot-1".into())),
            // Of a run that ended before the state was written, or of an import.
            (&all[..1], "", "base", Change::Nothing),
            // It was removed outside Terraform.
            (&all[..0], "snapshot-1", "base", Change::Take("base".into())),
            // The snapshots of others stay.
            (&all[..], "", "", Change::Nothing),
            (&all[1..], "", "base", Change::Take("base".into())),
        ] {
            assert_eq!(change(existing, before, wanted), expected, "{existing:?} {before} {wanted}");
        }
    }
}
