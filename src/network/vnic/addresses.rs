//! IPv6 addresses with the lengths of their prefixes, and what a change of them comes to. Pure.
use std::net::Ipv6Addr;
use tf_framework::Dynamic;

/// The address in one spelling, and the length of its prefix; nothing for another text.
fn parse(text: &str) -> Option<(String, i32)> {
    let (address, prefix) = text.split_once('/')?;
    let spelled = address.parse::<Ipv6Addr>().map_or_else(|_| address.to_lowercase(), |a| a.to_string());
    Some((spelled, prefix.parse().ok()?))
}

/// Two spellings of one list of addresses, for `#[tf(same = …)]`.
pub(super) fn same(a: &Dynamic, b: &Dynamic) -> bool {
    let all = |v: &Dynamic| {
        let mut list: Vec<_> = v.items().iter().map(|i| parse(i.as_str().unwrap_or_default())).collect();
        list.sort();
        list
    };
    let (a, b) = (all(a), all(b));
    a == b && a.iter().all(Option::is_some)
}

/// Addresses with the lengths of their prefixes.
pub(super) type Addresses = Vec<(String, i32)>;

/// The addresses to add and to remove.
pub(super) fn changes(now: &[String], wanted: &[String]) -> (Addresses, Addresses) {
    let list = |all: &[String]| -> Vec<_> { all.iter().filter_map(|a| parse(a)).collect() };
    let (now, wanted) = (list(now), list(wanted));
    let add = wanted.iter().filter(|a| !now.contains(a)).cloned().collect();
    let remove = now.into_iter().filter(|a| !wanted.contains(a)).collect();
    (add, remove)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_an_address_are_the_same() {
        let list = |x: &[&str]| Dynamic::List(x.iter().map(|s| (*s).into()).collect());
        assert!(same(&list(&["FD00::0:1/64", "fd00::2/64"]), &list(&["fd00::2/64", "fd00::1/64"])));
        assert!(!same(&list(&["fd00::1/64"]), &list(&["fd00::1/48"])));
        assert!(!same(&list(&["x"]), &list(&["y"])));
    }

    #[test]
    fn addresses_that_stay_are_not_sent() {
        let list = |x: &[&str]| x.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let (add, remove) =
            changes(&list(&["fd00::1/64", "fd00::2/64"]), &list(&["FD00::2/64", "fd00::3/64"]));
        assert_eq!(add, [("fd00::3".to_owned(), 64)]);
        assert_eq!(remove, [("fd00::1".to_owned(), 64)]);
    }
}
