//! Paths of folders below the root folder of their kind, and what a change of them comes to. Pure.
use crate::common::names::segments;
use serde_json::{Value as Json, json};
use tf_framework::Dynamic;
use vsphere_client::{Area, MoRef, same_name, unescape};

/// The longest name that vSphere takes.
const NAME: usize = 80;

/// The path of the parent, and the name; nothing for a path without a name.
pub(super) fn split(path: &str) -> Option<(String, String)> {
    let mut names = segments(path);
    let name = unescape(names.pop()?).into_owned();
    Some((names.join("/"), name))
}

/// A check for attributes that take such a path.
pub(super) fn valid(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let names = segments(text);
    if names.is_empty() {
        return Err(format!("{text:?} names no folder. Expected a path such as \"team/web\"."));
    }
    if names.contains(&"..") {
        return Err(format!("{text:?} leads up. Expected a path below the root folder of its type."));
    }
    match names.iter().find(|n| unescape(n).chars().count() > NAME) {
        Some(long) => Err(format!("The name {long:?} is longer than {NAME} characters.")),
        None => Ok(()),
    }
}

/// The part of a datacenter that a type of folder belongs to; nothing for folders of datacenters.
pub(super) fn area(ty: &str) -> Option<Area> {
    match ty {
        "vm" => Some(Area::Vm),
        "host" => Some(Area::Host),
        "datastore" => Some(Area::Datastore),
        "network" => Some(Area::Network),
        _ => None,
    }
}

/// The type of a folder, from what it may hold.
pub(super) fn type_of(holds: &[String]) -> Option<&'static str> {
    [
        ("VirtualMachine", "vm"),
        ("ComputeResource", "host"),
        ("Datastore", "datastore"),
        ("Network", "network"),
        ("Datacenter", "datacenter"),
    ]
    .into_iter()
    .find(|(child, _)| holds.iter().any(|h| h == child))
    .map(|(_, ty)| ty)
}

/// What brings a folder from where it is to where it shall be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Steps {
    /// The folder to move it into.
    pub(super) into: Option<MoRef>,
    /// The name to give it.
    pub(super) name: Option<String>,
}

/// Nothing to do where it already is there: moving or renaming what is above it may have brought it there.
pub(super) fn steps(now: (Option<&MoRef>, &str), wanted: (&MoRef, &str)) -> Steps {
    Steps {
        into: (now.0 != Some(wanted.0)).then(|| wanted.0.clone()),
        name: (!same_name(now.1, wanted.1)).then(|| wanted.1.to_owned()),
    }
}

/// The prefix of the path that a state of version 0 has as its ID.
const OLD: &str = "path\n";

/// A state of version 0: it knew virtual machine folders only, by the name of the datacenter and the path. Its id
/// is looked up at the next read.
pub(super) fn from_version_0(state: &Json) -> Json {
    let text = |key: &str| state.get(key).and_then(Json::as_str).unwrap_or_default();
    let path = segments(text("path")).join("/");
    json!({
        "id": format!("{OLD}{}\n{path}", text("datacenter").trim_matches('/')),
        "path": path,
        "type": "vm",
    })
}

/// The name of the datacenter (possibly empty) and the path in the id of a state of version 0.
pub(super) fn old_id(id: &str) -> Option<(&str, &str)> {
    id.strip_prefix(OLD)?.split_once('\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_fall_into_parent_and_name() {
        for (path, parent, name) in [
            ("web", "", "web"),
            ("/team/web/", "team", "web"),
            ("a//b/c%2fd", "a/b", "c/d"),
            ("./a", "", "a"),
            ("100%", "", "100%"),
        ] {
            assert_eq!(split(path), Some((parent.to_owned(), name.to_owned())), "{path}");
        }
        assert_eq!(split("/"), None);
    }

    #[test]
    fn wrong_paths_are_reported() {
        let long = "x".repeat(81);
        for (path, ok) in [("a/b", true), ("", false), ("//", false), ("a/../b", false), (&long, false)] {
            assert_eq!(valid(&path.into()).is_ok(), ok, "{path}");
        }
    }

    #[test]
    fn the_type_shows_in_what_a_folder_holds() {
        let holds = |x: &[&str]| type_of(&x.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(holds(&["Folder", "VirtualMachine", "VirtualApp"]), Some("vm"));
        assert_eq!(holds(&["Folder", "Datastore", "StoragePod"]), Some("datastore"));
        assert_eq!(holds(&["Folder", "Datacenter"]), Some("datacenter"));
        assert_eq!(holds(&["Folder"]), None);
    }

    #[test]
    fn only_what_differs_is_done() {
        let (a, b) = (MoRef::new("Folder", "group-v1"), MoRef::new("Folder", "group-v2"));
        assert_eq!(steps((Some(&a), "web"), (&a, "web")), Steps { into: None, name: None });
        assert_eq!(steps((Some(&a), "a%2fb"), (&a, "a/b")), Steps { into: None, name: None });
        assert_eq!(
            steps((Some(&a), "web"), (&b, "www")),
            Steps { into: Some(b.clone()), name: Some("www".into()) }
        );
    }

    #[test]
    fn an_old_state_is_looked_up_by_its_path() {
        let old =
            json!({"id": "dc1/team/web", "path": "/team/web", "datacenter": "dc1", "existing_path": "team"});
        let new = from_version_0(&old);
        assert_eq!((new["path"].as_str(), new["type"].as_str()), (Some("team/web"), Some("vm")));
        assert_eq!(old_id(new["id"].as_str().unwrap()), Some(("dc1", "team/web")));
        assert_eq!(old_id("group-v3"), None);
    }

    proptest! {
        /// The name of a path is its last, however it is written.
        #[test]
        fn the_name_is_the_last(names in proptest::collection::vec("[a-z/%]{1,5}", 1..4)) {
            let escaped: Vec<String> = names.iter().map(|n| vsphere_client::escape(n)).collect();
            let plain = escaped.join("/");
            prop_assert_eq!(split(&plain).map(|(_, n)| n), names.last().cloned());
        }
    }
}
