//! Which moves lead from one place to another.

/// Where a machine is, or is to be, by ids. Nothing: wherever.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Place {
    pub(super) pool: Option<String>,
    pub(super) host: Option<String>,
    pub(super) datastore: Option<String>,
    pub(super) cluster: Option<String>,
}

/// What one move changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Moves {
    pub(super) pool: Option<String>,
    pub(super) host: Option<String>,
    pub(super) datastore: Option<String>,
    /// The datastore cluster to go into, if the machine is not in it already.
    pub(super) cluster: Option<String>,
    /// The datastores of disks that do not follow the machine, by the keys of the disks.
    pub(super) disks: Vec<(i32, String)>,
}

/// What changes: nothing where all stays. `moving` are the disks that go to another datastore of their own; `staying`
/// those that stay where they are, also when the machine goes.
pub(super) fn moves(
    now: &Place,
    wanted: &Place,
    moving: &[(i32, String)],
    staying: &[(i32, String)],
) -> Option<Moves> {
    let changed =
        |now: &Option<String>, wanted: &Option<String>| wanted.clone().filter(|w| now.as_ref() != Some(w));
    let pool = changed(&now.pool, &wanted.pool);
    // With another pool the host is said again: otherwise one would be chosen.
    let host = if pool.is_some() { wanted.host.clone() } else { changed(&now.host, &wanted.host) };
    let cluster = changed(&now.cluster, &wanted.cluster);
    let datastore = match wanted.cluster {
        None => changed(&now.datastore, &wanted.datastore),
        // The cluster's datastores are Storage DRS's business.
        Some(_) => None,
    };
    let mut disks = moving.to_vec();
    if datastore.is_some() || cluster.is_some() {
        // Disks that are not named follow the machine.
        disks.extend(staying.iter().filter(|(key, _)| moving.iter().all(|(k, _)| k != key)).cloned());
    }
    disks.sort();
    let any =
        pool.is_some() || host.is_some() || datastore.is_some() || cluster.is_some() || !moving.is_empty();
    any.then_some(Moves { pool, host, datastore, cluster, disks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(pool: &str, host: &str, datastore: &str, cluster: &str) -> Place {
        let id = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        Place { pool: id(pool), host: id(host), datastore: id(datastore), cluster: id(cluster) }
    }

    #[test]
    fn only_what_changes_is_moved() {
        let now = place("p1", "h1", "d1", "");
        let disks = [(2000, "d9".to_owned())];
        let own = [(2001, "d8".to_owned())];
        let ids = |m: &Moves| {
            let text = |v: &Option<String>| v.clone().unwrap_or_default();
            let disks: Vec<String> = m.disks.iter().map(|(k, d)| format!("{k}={d}")).collect();
            format!(
                "{}|{}|{}|{}|{}",
                text(&m.pool),
                text(&m.host),
                text(&m.datastore),
                text(&m.cluster),
                disks.join(",")
            )
        };
        for (wanted, moving, staying, expected) in [
            (place("p1", "h1", "d1", ""), &[][..], &own[..], None),
            (place("p1", "", "", ""), &[][..], &own[..], None),
            (place("p2", "", "d1", ""), &[][..], &own[..], Some("p2||||")),
            (place("p2", "h1", "d1", ""), &[][..], &own[..], Some("p2|h1|||")),
            (place("p1", "h2", "d1", ""), &[][..], &own[..], Some("|h2|||")),
            (place("p1", "h1", "d2", ""), &[][..], &own[..], Some("||d2||2001=d8")),
            (place("p1", "h1", "d1", ""), &disks[..], &own[..], Some("||||2000=d9")),
            (place("p1", "h1", "d2", ""), &disks[..], &own[..], Some("||d2||2000=d9,2001=d8")),
            (place("p1", "h1", "d1", "c1"), &[][..], &own[..], Some("|||c1|2001=d8")),
            (place("p1", "h1", "d2", ""), &own[..], &own[..], Some("||d2||2001=d8")),
        ] {
            let got = moves(&now, &wanted, moving, staying);
            assert_eq!(got.as_ref().map(ids).as_deref(), expected, "{wanted:?}");
        }
        // In the cluster, a datastore of it is not a move.
        let inside = place("p1", "h1", "d1", "c1");
        assert_eq!(moves(&inside, &place("p1", "h1", "d2", "c1"), &[], &own), None);
    }

    fn any_place() -> impl Strategy<Value = Place> {
        let id = || prop::option::of("[ab]");
        (id(), id(), id(), id()).prop_map(|(pool, host, datastore, cluster)| Place {
            pool,
            host,
            datastore,
            cluster,
        })
    }

    fn any_disks() -> impl Strategy<Value = Vec<(i32, String)>> {
        prop::collection::btree_map(2000..2004, "[ab]", 0..3).prop_map(|m| m.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_move_leads_there_and_then_rests(now in any_place(), wanted in any_place(), staying in any_disks()) {
            let mut there = now.clone();
            if let Some(m) = moves(&now, &wanted, &[], &staying) {
                there.pool = m.pool.or(there.pool);
                there.host = m.host.or(there.host);
                there.datastore = m.datastore.or(there.datastore);
                there.cluster = m.cluster.or(there.cluster);
            }
            prop_assert_eq!(moves(&there, &wanted, &[], &staying), None);
            prop_assert!(wanted.pool.is_none() || there.pool == wanted.pool);
            prop_assert!(wanted.cluster.is_some() || wanted.datastore.is_none() || there.datastore == wanted.datastore);
        }

        #[test]
        fn no_disk_is_named_twice(now in any_place(), wanted in any_place(), a in any_disks(), b in any_disks()) {
            let disks = moves(&now, &wanted, &a, &b).map(|m| m.disks).unwrap_or_default();
            for (key, datastore) in &a {
                prop_assert!(disks.contains(&(*key, datastore.clone())));
            }
            let mut keys: Vec<i32> = disks.iter().map(|(k, _)| *k).collect();
            keys.dedup();
            prop_assert_eq!(keys.len(), disks.len());
        }
    }
}
