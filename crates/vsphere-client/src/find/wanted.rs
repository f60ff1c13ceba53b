//! Matching of names and paths.

use super::index::Found;
use super::kind::Kind;
use super::names::{segments, unescape};

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) kind: Kind,
    /// A name or a path.
    pub(super) name: &'a str,
    /// Whether the search is one below a datacenter.
    pub(super) datacenter: bool,
    /// The path of that datacenter, for an absolute path.
    pub(super) above: Option<&'a str>,
}

/// How an object can have the name that is looked for, from the surest on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Segment by segment, each escaped or not.
    Segments,
    /// The text is the same, wherever a name begins: slashes in names that are not escaped.
    Text,
    /// As a pattern.
    Pattern,
    /// By its reference: `Network:network-7`.
    Reference,
}

impl Wanted<'_> {
    /// The objects that are meant; only those of the surest way in which any is.
    pub(super) fn of(&self, all: &[Found]) -> Vec<Found> {
        [Way::Segments, Way::Text, Way::Pattern, Way::Reference]
            .into_iter()
            .map(|way| all.iter().filter(|f| self.fits(f, way)).cloned().collect::<Vec<_>>())
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn fits(&self, found: &Found, way: Way) -> bool {
        let path = segments(&found.path);
        let wanted = segments(self.name);
        match way {
            // Neither a segment nor a pattern.
            Way::Reference => {
                return self.name.split_once(':').is_some_and(|(ty, id)| {
                    self.kind.fits(ty) && *found.object.id == *id && *found.object.ty == *ty
                });
            }
            Way::Text if found.name == self.name => return true,
            Way::Pattern if !self.name.contains(['*', '?', '[']) => return false,
            _ => {}
        }
        if !self.name.contains('/') {
            // At any depth.
            return path.last().is_some_and(|last| same(&[last], &wanted, way));
        }
        if let Some(above) = self.above {
            let whole: Vec<&str> = segments(above).into_iter().chain(path).collect();
            return same(&whole, &wanted, way);
        }
        if same(&path, &wanted, way) && !(self.datacenter && self.name.starts_with('/')) {
            return true;
        }
        if self.name.starts_with('/') {
            return false;
        }
        // From the folder of the area on: without its name, and without what is above it.
        let depth = match (self.kind.area(), self.datacenter) {
            (Some(_), true) => 1,
            (Some(_), false) => 2,
            (None, _) => 0,
        };
        (depth..path.len())
            .take(if depth == 2 { usize::MAX } else { 1 })
            .any(|from| same(&path[from..], &wanted, way))
    }
}

fn same(path: &[&str], wanted: &[&str], way: Way) -> bool {
    match way {
        Way::Text => {
            let text = |names: &[&str]| names.iter().map(|n| unescape(n)).collect::<Vec<_>>().join("/");
            text(path) == text(wanted)
        }
        Way::Segments | Way::Pattern | Way::Reference => {
            path.len() == wanted.len()
                && path.iter().zip(wanted).all(|(name, wanted)| {
                    let name = unescape(name);
                    name == unescape(wanted)
                        || name == *wanted
                        || way == Way::Pattern && is_like(&name, &unescape(wanted))
                })
        }
    }
}

/// Whether a name fits a pattern: `*` for any characters, `?` for one, `[a-z]` and `[^a-z]` for one of a list, `\` before
/// a character that stands for itself. A pattern that is none fits nothing.
fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    like(&name, &pattern)
}

fn like(name: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|taken| like(&name[taken..], rest)),
        ['?', rest @ ..] => !name.is_empty() && like(&name[1..], rest),
        ['[', rest @ ..] => {
            let (Some(first), Some(end)) = (name.first(), rest.iter().skip(1).position(|c| *c == ']')) else {
                return false;
            };
            let (list, rest) = (&rest[..=end], &rest[end + 2..]);
            let (negated, list) = match list {
                ['^', list @ ..] => (true, list),
                list => (false, list),
            };
            one_of(*first, list) != negated && like(&name[1..], rest)
        }
        ['\\', c, rest @ ..] | [c, rest @ ..] => name.first() == Some(c) && like(&name[1..], rest),
    }
}

/// Whether a character is in a list such as `a-z0_`.
fn one_of(c: char, list: &[char]) -> bool {
    match list {
        [] => false,
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&c) || one_of(c, rest),
        [one, rest @ ..] => *one == c || one_of(c, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::wire_name;
    use vim_types::xml::MoRef;

    /// An object as an inventory has it: the path of those above it as it is shown, and its own name as it is stored.
    fn stored(above: &str, name: &str) -> Found {
        let name_shown = unescape(name).into_owned();
        let path = format!("{above}/{}", wire_name(name));
        Found { object: MoRef::new("Network", name), name: name_shown, parent: None, path }
    }

    fn found(path: &str) -> Found {
        let name = unescape(path.rsplit('/').next().unwrap()).into_owned();
        Found { object: MoRef::new("Datastore", path), name, parent: None, path: path.to_owned() }
    }

    fn is(found: &Found, kind: Kind, name: &str, datacenter: bool, above: Option<&str>) -> bool {
        !Wanted { kind, name, datacenter, above }.of(std::slice::from_ref(found)).is_empty()
    }

    /// What is stored, and all that finds it, in the network folder of /DC.
    #[test]
    fn a_slash_or_a_percent_sign_in_a_name_is_found_in_either_spelling() {
        for stored_name in ["Net-172.20.0.0/24", "Net-172.20.0.0%2f24"] {
            let network = stored("/network", stored_name);
            for wanted in [
                "Net-172.20.0.0/24",
                "Net-172.20.0.0%2f24",
                "Net-172.20.0.0%2F24",
                "network/Net-172.20.0.0/24",
            ] {
                assert!(is(&network, Kind::Network, wanted, true, None), "{stored_name}: {wanted}");
            }
            for wanted in ["/DC/network/Net-172.20.0.0/24", "/DC/network/Net-172.20.0.0%2f24"] {
                assert!(is(&network, Kind::Network, wanted, true, Some("/DC")), "{stored_name}: {wanted}");
            }
            for wanted in ["24", "Net-172.20.0.0", "/DC2/network/Net-172.20.0.0/24"] {
                assert!(!is(&network, Kind::Network, wanted, true, Some("/DC")), "{stored_name}: {wanted}");
            }
            let anywhere = stored("/DC/network/f", stored_name);
            for wanted in ["Net-172.20.0.0/24", "f/Net-172.20.0.0/24", "DC/network/f/Net-172.20.0.0%2f24"] {
                assert!(is(&anywhere, Kind::Network, wanted, false, None), "{stored_name}: {wanted}");
            }
        }
        for stored_name in ["100%25", "100%"] {
            let network = stored("/network", stored_name);
            for wanted in ["100%", "100%25"] {
                assert!(is(&network, Kind::Network, wanted, true, None), "{stored_name}: {wanted}");
            }
        }
    }

    #[test]
    fn a_path_by_segments_comes_before_a_name_with_slashes() {
        let all = [stored("/network/a", "b"), stored("/network", "a/b")];
        let of = |name: &str| {
            let wanted = Wanted { kind: Kind::Network, name, datacenter: true, above: None };
            wanted.of(&all).iter().map(|f| f.path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of("a/b"), ["/network/a/b"]);
        assert_eq!(of("a%2fb"), ["/network/a%2fb"]);
        assert_eq!(of("b"), ["/network/a/b"]);
    }

    #[test]
    fn patterns_fit_where_nothing_has_the_name() {
        let all = ["LocalDS_0", "LocalDS_1", "a*", "ab", "f[1]"].map(|n| stored("/datastore/x", n));
        let of = |name: &str| {
            let wanted = Wanted { kind: Kind::Datastore, name, datacenter: true, above: None };
            wanted.of(&all).iter().map(|f| f.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of("Local*_0"), ["LocalDS_0"]);
        assert_eq!(of("LocalDS_?"), ["LocalDS_0", "LocalDS_1"]);
        assert_eq!(of("x/LocalDS_[1-9]"), ["LocalDS_1"]);
        assert_eq!(of("*/LocalDS_[^1-9]"), ["LocalDS_0"]);
        assert_eq!(of("a*"), ["a*"]);
        assert_eq!(of("a?"), ["a*", "ab"]);
        assert_eq!(of("f[1]"), ["f[1]"]);
        assert_eq!(of("[x"), Vec::<String>::new());
        assert_eq!(of("LocalDS"), Vec::<String>::new());
    }

    #[test]
    fn names_and_paths_fit() {
        let inside = |path: &str, wanted: &str| is(&found(path), Kind::Datastore, wanted, true, None);
        let anywhere = |path: &str, wanted: &str| is(&found(path), Kind::Datastore, wanted, false, None);
        assert!(inside("/datastore/a/ds", "ds"));
        assert!(inside("/datastore/a/ds", "a/ds"));
        assert!(inside("/stores/a/ds", "a/ds"));
        assert!(inside("/datastore/a/ds", "datastore/a/ds"));
        assert!(!inside("/datastore/x/a/ds", "a/ds"));
        assert!(!inside("/datastore/a/ds", "/datastore/a/ds"));
        assert!(is(&found("/vm//a"), Kind::VirtualMachine, "/F/DC/vm/a", true, Some("/F/DC")));
        assert!(is(&found("/vm/a"), Kind::VirtualMachine, "/D%2fC/vm/a", true, Some("/D%2FC")));
        assert!(!is(&found("/vm/a"), Kind::VirtualMachine, "/DC2/vm/a", true, Some("/DC")));
        assert!(inside("/datastore/a%2fb", "a%2fb"));
        assert!(!inside("/datastore/a%2fb", "b"));
        assert!(anywhere("/F/DC/datastore/a/ds", "a/ds"));
        assert!(anywhere("/F/DC/datastore/a/ds", "/F/DC/datastore/a/ds"));
        assert!(!anywhere("/F/DC/datastore/a/ds", "/DC/datastore/a/ds"));
    }
}
