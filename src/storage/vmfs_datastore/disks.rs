//! The disks of a datastore: what a change of the list does, and what is on a disk.
use std::collections::BTreeSet;

/// A partition of a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partition {
    /// The number in the partition table.
    pub(super) number: i32,
    /// The type, such as `vmfs` or `ntfs`.
    pub(super) kind: String,
    /// The size in bytes.
    pub(super) size: i64,
}

/// What a change of the list does, in the order of the lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// The disks that the datastore is extended with.
    pub(super) added: Vec<String>,
    /// The disks that it cannot lose.
    pub(super) removed: Vec<String>,
}

impl Changes {
    pub(super) fn between(before: &[String], now: &[String]) -> Self {
        let without = |all: &[String], others: &[String]| {
            all.iter().filter(|d| !others.contains(d)).cloned().collect::<Vec<_>>()
        };
        Self { added: without(now, before), removed: without(before, now) }
    }

    /// Whether the lists have the same disks: their order has no effect on an existing datastore.
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// The disks of the extents of a datastore, each once: in the order of the state if it has the same disks, or else in that of
/// the extents.
pub(super) fn observed(state: &[String], extents: Vec<String>) -> Vec<String> {
    if Changes::between(state, &extents).is_empty() {
        return state.to_vec();
    }
    let mut seen = BTreeSet::new();
    extents.into_iter().filter(|d| seen.insert(d.clone())).collect()
}

/// The positions of disks that are in the list before.
pub(super) fn repeated(disks: &[String]) -> Vec<usize> {
    (0..disks.len()).filter(|i| disks[..*i].contains(&disks[*i])).collect()
}

/// What is on a disk, in words; nothing on an empty one. `volumes` are the labels of VMFS volumes on it.
pub(super) fn contents(partitions: &[Partition], volumes: &[String]) -> Option<String> {
    let used: Vec<String> = partitions
        .iter()
        .filter(|p| p.kind != "none")
        .map(|p| format!("partition {} ({}, {})", p.number, p.kind, size(p.size)))
        .chain(volumes.iter().map(|v| format!("a copy of the VMFS datastore {v:?}")))
        .collect();
    (!used.is_empty()).then(|| used.join(", "))
}

/// A size in words.
pub(super) fn size(bytes: i64) -> String {
    const MIB: i64 = 1 << 20;
    const GIB: i64 = 1 << 30;
    if bytes >= GIB { format!("{} GiB", bytes / GIB) } else { format!("{} MiB", bytes / MIB) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(all: &[&str]) -> Vec<String> {
        all.iter().map(|d| (*d).to_owned()).collect()
    }

    #[test]
    fn disks_are_added_in_the_order_of_the_configuration() {
        let changes = Changes::between(&list(&["a", "b"]), &list(&["d", "b", "c"]));
        assert_eq!(changes, Changes { added: list(&["d", "c"]), removed: list(&["a"]) });
        assert!(Changes::between(&list(&["a", "b"]), &list(&["b", "a"])).is_empty());
    }

    #[test]
    fn the_order_of_the_state_is_kept_while_the_disks_are_the_same() {
        assert_eq!(observed(&list(&["b", "a"]), list(&["a", "b"])), list(&["b", "a"]));
        assert_eq!(observed(&list(&["b"]), list(&["a", "b"])), list(&["a", "b"]));
        assert_eq!(observed(&[], list(&["a", "b", "a"])), list(&["a", "b"]));
    }

    #[test]
    fn the_second_one_of_two_equal_disks_is_repeated() {
        assert_eq!(repeated(&list(&["a", "b", "a", "a"])), [2, 3]);
    }

    #[test]
    fn a_disk_without_used_partitions_is_empty() {
        let partition = |kind: &str| Partition { number: 1, kind: kind.to_owned(), size: 3 << 30 };
        assert_eq!(contents(&[], &[]), None);
        assert_eq!(contents(&[partition("none")], &[]), None);
        let found = contents(&[partition("vmfs")], &list(&["old"])).unwrap_or_default();
        assert_eq!(found, "partition 1 (vmfs, 3 GiB), a copy of the VMFS datastore \"old\"");
        assert_eq!(size(5 << 20), "5 MiB");
    }
}
