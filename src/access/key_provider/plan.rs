//! Which calls bring the key servers of a provider to what is wanted.
use std::collections::BTreeSet;
use vsphere_client::crypto::KeyServer;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Add(KeyServer),
    Change(KeyServer),
    /// By its name.
    Remove(String),
}

/// The calls, from the servers that there are to those that are wanted. `passwords` are the names of the servers whose
/// password is new. Servers are removed last: without any, the virtual machines could not get their keys.
pub(super) fn steps(now: &[KeyServer], wanted: &[KeyServer], passwords: &BTreeSet<&str>) -> Vec<Step> {
    let there = |name: &str| now.iter().find(|s| s.name == name);
    let mut out: Vec<Step> = wanted
        .iter()
        .filter_map(|server| match there(&server.name) {
            None => Some(Step::Add(server.clone())),
            Some(same) if same == server && !passwords.contains(server.name.as_str()) => None,
            Some(_) => Some(Step::Change(server.clone())),
        })
        .collect();
    let surplus = now.iter().filter(|s| !wanted.iter().any(|w| w.name == s.name));
    out.extend(surplus.map(|s| Step::Remove(s.name.clone())));
    out
}

/// The servers that there are, in the order of the names that are known; further ones follow.
pub(super) fn in_order(mut now: Vec<KeyServer>, names: &[&str]) -> Vec<KeyServer> {
    now.sort_by_key(|s| names.iter().position(|n| *n == s.name).unwrap_or(usize::MAX));
    now
}

/// The names that several servers have.
pub(super) fn repeated<'a>(names: &[&'a str]) -> Vec<(usize, &'a str)> {
    let all = names.iter().enumerate();
    all.filter(|(i, name)| names[..*i].contains(name)).map(|(i, name)| (i, *name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str, port: i32) -> KeyServer {
        KeyServer { name: name.into(), address: format!("{name}.example.com"), port, ..KeyServer::default() }
    }

    #[test]
    fn servers_are_added_and_changed_before_others_are_removed() {
        let (a, b) = (server("a", 5696), server("b", 5696));
        let other = server("a", 5697);
        let remove = |name: &str| Step::Remove(name.to_owned());
        for (now, wanted, passwords, expected) in [
            (vec![], vec![&a, &b], vec![], vec![Step::Add(a.clone()), Step::Add(b.clone())]),
            (vec![&a, &b], vec![&b, &a], vec![], vec![]),
            (vec![&a], vec![&other], vec![], vec![Step::Change(other.clone())]),
            (vec![&a, &b], vec![&a, &b], vec!["b"], vec![Step::Change(b.clone())]),
            (vec![&a], vec![&b], vec!["b"], vec![Step::Add(b.clone()), remove("a")]),
            (vec![&a, &b], vec![&other], vec![], vec![Step::Change(other.clone()), remove("b")]),
        ] {
            let plain = |all: Vec<&KeyServer>| all.into_iter().cloned().collect::<Vec<_>>();
            let found = steps(&plain(now), &plain(wanted), &passwords.into_iter().collect());
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn servers_keep_the_order_of_the_configuration() {
        let names = |order: &[&str]| {
            let all = in_order(vec![server("c", 1), server("b", 1), server("a", 1)], order);
            all.into_iter().map(|s| s.name).collect::<String>()
        };
        assert_eq!(
            (names(&["a", "b"]), names(&[]), names(&["x", "b"])),
            ("abc".into(), "cba".into(), "bca".into())
        );
        assert_eq!(repeated(&["a", "b", "a"]), [(2, "a")]);
        assert_eq!(repeated(&["a", "b"]), []);
    }
}
