//! What is written for cloud-init and Ignition: keys and properties from plain texts.
use crate::common::guestinfo::{Encoding, encode};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// A key or property is not longer: messages between a host and the tools of a guest, and vApp properties, end there.
pub(super) const MOST: usize = 64 * 1024 - 1;

/// Keys or properties with their values.
pub(super) type Entries = BTreeMap<String, String>;

/// What changes and is written by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Metadata,
    UserData,
    VendorData,
    Ignition,
}

impl Part {
    /// The key in `guestinfo`.
    fn key(self) -> &'static str {
        match self {
            Self::Metadata => "guestinfo.metadata",
            Self::UserData => "guestinfo.userdata",
            Self::VendorData => "guestinfo.vendordata",
            Self::Ignition => "guestinfo.ignition.config.data",
        }
    }

    /// The names of its keys, or of its properties where these are the transport.
    pub(super) fn names(self, ovf: bool) -> Vec<String> {
        match (self, ovf) {
            (Self::Metadata, true) => ["instance-id", "hostname", "network-config"].map(str::to_owned).into(),
            (Self::UserData, true) => vec!["user-data".to_owned()],
            (_, true) => vec![],
            _ => vec![self.key().to_owned(), format!("{}.encoding", self.key())],
        }
    }
}

/// The keys of a text in `guestinfo`.
///
/// # Errors
/// It cannot be compressed.
pub(super) fn guestinfo(part: Part, text: &str, encoding: Encoding) -> Result<Entries, String> {
    let value = encode(text, encoding).map_err(|e| e.to_string())?;
    let name = if encoding == Encoding::Base64 { "base64" } else { "gzip+base64" };
    Ok([(part.key().to_owned(), value), (format!("{}.encoding", part.key()), name.to_owned())].into())
}

/// The properties of the metadata.
///
/// # Errors
/// It cannot be encoded.
pub(super) fn properties(
    instance: &str,
    hostname: Option<&str>,
    network: Option<&str>,
) -> Result<Entries, String> {
    let mut out = Entries::from([("instance-id".to_owned(), instance.to_owned())]);
    out.extend(hostname.map(|h| ("hostname".to_owned(), h.to_owned())));
    if let Some(network) = network {
        let value = encode(network, Encoding::Base64).map_err(|e| e.to_string())?;
        out.insert("network-config".to_owned(), value);
    }
    Ok(out)
}

/// The values of a member at the top level of metadata. YAML is looked at line by line, as it is only added to.
enum Found {
    Json(Map<String, Json>),
    Yaml(String),
}

fn parse(metadata: &str) -> Result<Found, String> {
    let text = metadata.trim();
    if text.is_empty() {
        return Ok(Found::Json(Map::new()));
    }
    if text.starts_with('{') {
        let map = serde_json::from_str(text);
        return map.map(Found::Json).map_err(|e| {
            format!("It begins with a brace and is not JSON (line {}, column {}).", e.line(), e.column())
        });
    }
    let is_mapping =
        |line: &str| line.is_empty() || line.starts_with([' ', '#', '-', '\t']) || line.contains(':');
    if let Some(n) = text.lines().position(|line| !is_mapping(line.trim_end())) {
        return Err(format!(
            "Line {} is not a member of a mapping: expected JSON, or YAML such as `key: value`.",
            n + 1
        ));
    }
    Ok(Found::Yaml(text.to_owned()))
}

impl Found {
    fn get(&self, names: &[&str]) -> Option<String> {
        match self {
            Self::Json(map) => names.iter().find_map(|n| map.get(*n)).map(|v| match v {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            }),
            Self::Yaml(text) => text.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                let plain = |s: &str| s.trim().trim_matches(['"', '\'']).to_owned();
                names.contains(&plain(key).as_str()).then(|| plain(value))
            }),
        }
    }
}

const INSTANCE: [&str; 2] = ["instance-id", "instance_id"];
const HOSTNAME: [&str; 2] = ["local-hostname", "local_hostname"];

/// The instance ID that metadata has itself.
///
/// # Errors
/// It is neither JSON nor YAML.
pub(super) fn own_instance(metadata: &str) -> Result<Option<String>, String> {
    Ok(parse(metadata)?.get(&INSTANCE))
}

/// The metadata with what is declared beside it.
///
/// # Errors
/// It has one of these itself, or is neither JSON nor YAML.
pub(super) fn metadata(
    metadata: &str,
    instance: &str,
    hostname: Option<&str>,
    network: Option<&str>,
) -> Result<String, String> {
    let found = parse(metadata)?;
    let mut more: Vec<(&str, String)> = vec![];
    if found.get(&INSTANCE).is_none() {
        more.push((INSTANCE[0], instance.to_owned()));
    }
    if let Some(hostname) = hostname {
        if found.get(&HOSTNAME).is_some() {
            return Err("It has a host name. Remove it, or `hostname`.".to_owned());
        }
        more.push((HOSTNAME[0], hostname.to_owned()));
    }
    if let Some(network) = network {
        if found.get(&["network"]).is_some() {
            return Err("It has a network configuration. Remove it, or `network_config`.".to_owned());
        }
        let value = encode(network, Encoding::Base64).map_err(|e| e.to_string())?;
        more.extend([("network", value), ("network.encoding", "base64".to_owned())]);
    }
    Ok(match found {
        Found::Json(mut map) => {
            map.extend(more.into_iter().map(|(k, v)| (k.to_owned(), Json::String(v))));
            Json::Object(map).to_string()
        }
        Found::Yaml(mut text) => {
            for (k, v) in more {
                // A text of JSON is one of YAML.
                text.push_str(&format!("\n{k}: {}", Json::String(v)));
            }
            text.push('\n');
            text
        }
    })
}

/// What has to be written, from what there is: the changed parts, and the names that are wanted no more, which become empty.
/// `ours` are the names that were declared before. What the guest has put away is not written again, because its part has not
/// changed.
pub(super) fn changes<'a>(
    current: &Entries,
    ours: &[String],
    wanted: impl Iterator<Item = &'a Entries>,
    still: &[String],
) -> Entries {
    let mut out = Entries::new();
    for entries in wanted {
        out.extend(
            entries.iter().filter(|(k, v)| current.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())),
        );
    }
    let removed =
        ours.iter().filter(|k| !still.contains(k) && current.get(*k).is_some_and(|v| !v.is_empty()));
    out.extend(removed.map(|k| (k.clone(), String::new())));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn metadata_gets_what_is_declared_beside_it() {
        for (text, hostname, network, expected) in [
            ("", None, None, Ok(r#"{"instance-id":"i-1"}"#)),
            ("{}", Some("web"), None, Ok(r#"{"instance-id":"i-1","local-hostname":"web"}"#)),
            (r#"{"instance-id":"own"}"#, None, None, Ok(r#"{"instance-id":"own"}"#)),
            (
                "{}",
                None,
                Some("version: 2"),
                Ok(r#"{"instance-id":"i-1","network":"dmVyc2lvbjogMg==","network.encoding":"base64"}"#),
            ),
            (
                "role: web",
                Some("a\"b"),
                None,
                Ok("role: web\ninstance-id: \"i-1\"\nlocal-hostname: \"a\\\"b\"\n"),
            ),
            ("---\n# mine\ninstance_id: own\n", None, None, Ok("---\n# mine\ninstance_id: own\n")),
            (r#"{"network":{}}"#, None, Some("x"), Err("network_config")),
            ("local-hostname: a", Some("b"), None, Err("hostname")),
            ("{", None, None, Err("not JSON")),
            ("#cloud-config\nhello", None, None, Err("Line 2")),
        ] {
            match (metadata(text, "i-1", hostname, network), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
        assert_eq!(own_instance("a: 1\ninstance-id: 'x'"), Ok(Some("x".to_owned())));
        assert_eq!(own_instance(r#"{"instance-id":"y"}"#), Ok(Some("y".to_owned())));
        assert_eq!(own_instance("  instance-id: inner"), Ok(Some("inner".to_owned())));
        assert_eq!(own_instance(""), Ok(None));
    }

    #[test]
    fn properties_are_those_of_the_ovf_data_source() {
        let found = properties("i-1", Some("web"), Some("version: 2")).unwrap();
        let keys: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(keys, ["hostname", "instance-id", "network-config"]);
        assert!(keys.iter().all(|k| Part::Metadata.names(true).iter().any(|n| n == k)));
    }

    fn any() -> impl Strategy<Value = Entries> {
        prop::collection::btree_map("[a-d]", "[01]", 0..5)
    }

    proptest! {
        #[test]
        fn it_converges_in_one_apply_and_touches_only_its_own(others in any(), before in any(), wanted in any()) {
            let mut machine = others.clone();
            machine.extend(before.clone());
            let was = machine.clone();
            let names = |e: &Entries| e.keys().cloned().collect::<Vec<_>>();
            let todo = changes(&was, &names(&before), [&wanted].into_iter(), &names(&wanted));
            for (k, v) in todo {
                if v.is_empty() { machine.remove(&k); } else { machine.insert(k, v); }
            }
            for (k, v) in &wanted {
                prop_assert_eq!(machine.get(k), Some(v));
            }
            for (k, v) in &was {
                if !before.contains_key(k) && !wanted.contains_key(k) {
                    prop_assert_eq!(machine.get(k), Some(v));
                }
            }
            prop_assert_eq!(changes(&machine, &names(&wanted), [&wanted].into_iter(), &names(&wanted)), Entries::new());
        }
    }
}
