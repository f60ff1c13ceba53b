//! The function `cloud_init_metadata`.
use super::{parameter, wrong};
use crate::nearest::{did_you_mean, nearest};
use ipnet::IpNet;
use serde_json::{Map, Value as Json, json};
use std::net::IpAddr;
use tf_framework::server::{FunctionError, Signature};
use tf_framework::{Dynamic, Function, Object, Type};

/// What cloud-init itself reads of the metadata.
const KNOWN: [&str; 11] = [
    "hostname",
    "instance-id",
    "instance_id",
    "interfaces",
    "local-hostname",
    "local_hostname",
    "network",
    "public-keys",
    "public_keys",
    "wait-on-network",
    "cleanup-guestinfo",
];

/// What an interface may say.
const OF_INTERFACE: [&str; 14] = [
    "addresses",
    "dhcp4",
    "dhcp6",
    "gateway4",
    "gateway6",
    "guest_device_name",
    "mac_address",
    "mtu",
    "name",
    "nameservers",
    "optional",
    "routes",
    "search_domains",
    "wakeonlan",
];

/// Any value as JSON.
fn to_json(v: &Dynamic) -> Json {
    match v {
        Dynamic::Null | Dynamic::Unknown => Json::Null,
        Dynamic::Bool(b) => json!(b),
        Dynamic::Int(n) => json!(n),
        Dynamic::Float(x) => json!(x),
        Dynamic::String(s) => json!(s),
        Dynamic::List(x) => x.iter().map(to_json).collect(),
        Dynamic::Map(m) => {
            m.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), to_json(v))).collect()
        }
    }
}

/// What an attribute is to be; `None` when it is not set.
fn strings(at: &str, v: &Dynamic) -> Result<Option<Vec<String>>, String> {
    if v.is_null() {
        return Ok(None);
    }
    let texts = v.items().iter().map(|x| x.as_str().map(str::to_owned));
    match v {
        Dynamic::List(_) => texts.collect::<Option<Vec<_>>>().map(Some),
        _ => None,
    }
    .ok_or_else(|| format!("`{at}` is to be a list of texts."))
}

fn string<'a>(at: &str, v: &'a Dynamic) -> Result<Option<&'a str>, String> {
    match v {
        Dynamic::Null => Ok(None),
        v => v.as_str().map(Some).ok_or_else(|| format!("`{at}` is to be a text.")),
    }
}

fn address(at: &str, text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("`{at}`: {text:?} is not an IP address."))
}

/// An address with its prefix length.
fn with_prefix(at: &str, text: &str) -> Result<(), String> {
    match text.parse::<IpNet>() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(format!("`{at}`: {text:?} is not an address with a prefix length, such as \"10.0.0.5/24\"."))
        }
    }
}

/// One interface, in the words of netplan.
fn interface(at: &str, of: &Object) -> Result<(String, Json), String> {
    if let Some(other) = of.keys().find(|k| !OF_INTERFACE.contains(&k.as_str())) {
        let near = did_you_mean(other, OF_INTERFACE);
        return Err(format!(
            "`{at}.{other}` is not known.{near} An interface has {}; what else there is can be written as `network`.",
            OF_INTERFACE.join(", ")
        ));
    }
    let get = |name: &str| of.get(name).unwrap_or(Dynamic::null());
    let name = string(&format!("{at}.name"), get("name"))?.filter(|n| !n.is_empty());
    let name = name.ok_or_else(|| {
        format!("`{at}.name` is missing: what the guest calls the interface, such as \"eth0\".")
    })?;
    let device = string(&format!("{at}.guest_device_name"), get("guest_device_name"))?;
    let device = device.filter(|n| !n.is_empty()).unwrap_or(name);
    let mut out = Map::new();
    if let Some(mac) = string(&format!("{at}.mac_address"), get("mac_address"))? {
        let mac = mac.to_lowercase().replace('-', ":");
        let bytes: Vec<&str> = mac.split(':').collect();
        if bytes.len() != 6 || !bytes.iter().all(|b| b.len() == 2 && u8::from_str_radix(b, 16).is_ok()) {
            return Err(format!(
                "`{at}.mac_address`: {mac:?} is not a MAC address, such as \"00:50:56:00:00:01\"."
            ));
        }
        out.insert("match".into(), json!({ "macaddress": mac }));
        out.insert("set-name".into(), json!(device));
    }
    for flag in ["dhcp4", "dhcp6", "optional", "wakeonlan", "mtu"] {
        match (get(flag), flag == "mtu") {
            (Dynamic::Null, _) => {}
            (v @ Dynamic::Bool(_), false) | (v @ Dynamic::Int(_), true) => {
                drop(out.insert(flag.into(), to_json(v)))
            }
            (_, true) => return Err(format!("`{at}.{flag}` is to be a whole number.")),
            (_, false) => return Err(format!("`{at}.{flag}` is to be true or false.")),
        }
    }
    if let Some(addresses) = strings(&format!("{at}.addresses"), get("addresses"))? {
        for a in &addresses {
            with_prefix(&format!("{at}.addresses"), a)?;
        }
        out.insert("addresses".into(), json!(addresses));
    }
    let mut routes = vec![];
    for (field, to, v4) in [("gateway4", "0.0.0.0/0", true), ("gateway6", "::/0", false)] {
        let at = format!("{at}.{field}");
        let Some(gateway) = string(&at, get(field))? else { continue };
        if address(&at, gateway)?.is_ipv4() != v4 {
            return Err(format!("`{at}`: {gateway:?} is of the other family."));
        }
        routes.push(json!({ "to": to, "via": gateway }));
    }
    match get("routes") {
        Dynamic::Null => {}
        Dynamic::List(more) => routes.extend(more.iter().map(to_json)),
        _ => return Err(format!("`{at}.routes` is to be a list of objects with `to` and `via`.")),
    }
    if !routes.is_empty() {
        out.insert("routes".into(), json!(routes));
    }
    let servers = strings(&format!("{at}.nameservers"), get("nameservers"))?;
    for s in servers.iter().flatten() {
        address(&format!("{at}.nameservers"), s)?;
    }
    let domains = strings(&format!("{at}.search_domains"), get("search_domains"))?;
    if servers.is_some() || domains.is_some() {
        let mut dns = Map::new();
        dns.extend(servers.map(|s| ("addresses".to_owned(), json!(s))));
        dns.extend(domains.map(|s| ("search".to_owned(), json!(s))));
        out.insert("nameservers".into(), dns.into());
    }
    Ok((device.to_owned(), out.into()))
}

fn network(interfaces: &Dynamic) -> Result<Json, String> {
    let Dynamic::List(all) = interfaces else {
        return Err("`interfaces` is to be a list of objects.".to_owned());
    };
    let mut ethernets = Map::new();
    for (n, one) in all.iter().enumerate() {
        let at = format!("interfaces[{n}]");
        let Dynamic::Map(of) = one else { return Err(format!("`{at}` is to be an object.")) };
        let (name, json) = interface(&at, of)?;
        if ethernets.insert(name.clone(), json).is_some() {
            return Err(format!("`{at}.name`: two interfaces are called {name:?}."));
        }
    }
    Ok(json!({ "version": 2, "ethernets": ethernets }))
}

/// The metadata, as JSON: what is JSON is YAML as well.
fn metadata(of: &Object) -> Result<String, String> {
    let get = |names: &[&str]| -> Result<Option<Json>, String> {
        let mut set = names.iter().filter_map(|n| Some((n, of.get(*n).filter(|v| !v.is_null())?)));
        let Some((name, v)) = set.next() else { return Ok(None) };
        if let Some((other, _)) = set.next() {
            return Err(format!("`{name}` and `{other}` are the same: keep one of them."));
        }
        match v.as_str() {
            Some("") | None if *name != "public_keys" && *name != "public-keys" => {
                Err(format!("`{name}` is to be a text that is not empty."))
            }
            _ => Ok(Some(to_json(v))),
        }
    };
    let mut out = Map::new();
    out.extend(get(&["instance_id", "instance-id"])?.map(|v| ("instance-id".to_owned(), v)));
    out.extend(
        get(&["hostname", "local_hostname", "local-hostname"])?.map(|v| ("local-hostname".to_owned(), v)),
    );
    out.extend(get(&["public_keys", "public-keys"])?.map(|v| ("public-keys".to_owned(), v)));
    let set = |name: &str| of.get(name).filter(|v| !v.is_null());
    match (set("network"), set("interfaces")) {
        (Some(_), Some(_)) => {
            return Err("`network` and `interfaces` say the same: keep one of them.".to_owned());
        }
        (Some(v @ (Dynamic::Map(_) | Dynamic::String(_))), None) => {
            // What is written around the configuration in files is not part of it here.
            let inner = v.get("network");
            out.insert("network".into(), to_json(if inner.is_null() { v } else { inner }));
        }
        (Some(_), None) => return Err("`network` is to be an object, as netplan has it.".to_owned()),
        (None, Some(v)) => drop(out.insert("network".into(), network(v)?)),
        (None, None) => {}
    }
    for (name, v) in of.iter().filter(|(n, v)| !KNOWN.contains(&n.as_str()) && !v.is_null()) {
        // The metadata may contain any key, for templates of user data; misspelled names are not among them.
        if !name.contains('.')
            && nearest(name, KNOWN).is_some_and(|k| strsim::damerau_levenshtein(name, k) <= 2)
        {
            return Err(format!("`{name}` is not known.{}", did_you_mean(name, KNOWN)));
        }
        out.insert(name.clone(), to_json(v));
    }
    for name in ["wait-on-network", "cleanup-guestinfo"] {
        out.extend(set(name).map(|v| (name.to_owned(), to_json(v))));
    }
    if out.is_empty() {
        return Err(
            "It is empty. Set `instance_id` and `hostname`, and `interfaces` for fixed addresses.".to_owned()
        );
    }
    Ok(Json::from(out).to_string())
}

/// `cloud_init_metadata(metadata)`
#[derive(Debug, Default)]
pub struct CloudInitMetadata;

impl Function for CloudInitMetadata {
    fn signature(&self) -> Signature {
        Signature {
            name: "cloud_init_metadata",
            summary: "Creates cloud-init metadata for `guestinfo.metadata`",
            doc: "Returns the metadata that cloud-init reads from `guestinfo.metadata`, as JSON. The argument is an \
                  object with the following members, all of them optional:\n\n\
                  - `instance_id`: the instance ID. cloud-init runs again in the guest if the instance ID changes.\n\
                  - `hostname`: the host name of the guest.\n\
                  - `interfaces`: a list of network interfaces. Each is an object with `name` (the name of the \
                  interface in the guest; required), `guest_device_name` (replaces `name`), `mac_address` (the MAC address by which cloud-init finds the \
                  interface before it sets the name), `dhcp4`, `dhcp6`, `addresses` (`[\"10.0.0.5/24\"]`), `gateway4`, \
                  `gateway6`, `nameservers`, `search_domains`, `mtu`, `routes` (`[{ to = \"10.1.0.0/16\", via = \
                  \"10.0.0.1\" }]`), `optional` and `wakeonlan`.\n\
                  - `network`: a complete network configuration in the format of netplan, instead of `interfaces`.\n\
                  - `public_keys`: a list of SSH public keys.\n\
                  - Any other member is available to templates in the user data, such as `{{ ds.meta_data.role }}`.\n\n\
                  Encode the result with `guestinfo_encode`.",
            parameters: vec![parameter("metadata", Type::Any, "An object with the metadata.")],
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let Some(Dynamic::Map(of)) = arguments.first() else {
            return Err(wrong(
                0,
                "Expected an object, such as { instance_id = \"web-1\", hostname = \"web-1\" }.",
            ));
        };
        metadata(of).map(Dynamic::String).map_err(|why| wrong(0, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_framework::json;

    fn of(text: &str) -> Result<String, String> {
        let v = json::decode(&Type::Any, &serde_json::from_str(text).unwrap()).unwrap();
        CloudInitMetadata.call(&[v]).map(|v| v.as_str().unwrap().to_owned()).map_err(|e| e.text)
    }

    #[test]
    fn an_interface_becomes_netplan() {
        let result = of(r#"{"instance_id": "i-1", "hostname": "web-1", "role": "db", "interfaces": [
            {"name": "eth0", "mac_address": "00-50-56-00-00-0A", "addresses": ["10.0.0.5/24"], "gateway4": "10.0.0.1",
             "nameservers": ["10.0.0.2"], "search_domains": ["example.com"], "mtu": 9000},
            {"name": "eth1", "dhcp4": true, "dhcp6": false},
            {"name": "eth2", "guest_device_name": "ens192", "dhcp4": true},
            {"name": "eth3", "guest_device_name": "ens224", "mac_address": "00:50:56:00:00:0b"}]}"#);
        let result: Json = serde_json::from_str(&result.unwrap()).unwrap();
        assert_eq!(
            result,
            json!({
                "instance-id": "i-1", "local-hostname": "web-1", "role": "db",
                "network": { "version": 2, "ethernets": {
                    "eth0": {
                        "match": { "macaddress": "00:50:56:00:00:0a" }, "set-name": "eth0", "mtu": 9000,
                        "addresses": ["10.0.0.5/24"], "routes": [{ "to": "0.0.0.0/0", "via": "10.0.0.1" }],
                        "nameservers": { "addresses": ["10.0.0.2"], "search": ["example.com"] },
                    },
                    "eth1": { "dhcp4": true, "dhcp6": false },
                    "ens192": { "dhcp4": true },
                    "ens224": { "match": { "macaddress": "00:50:56:00:00:0b" }, "set-name": "ens224" },
                } },
            })
        );
    }

    #[test]
    fn netplan_is_taken_as_it_is() {
        let expected = r#"{"instance-id":"i","network":{"ethernets":{"nics":{"dhcp4":true}},"version":2}}"#;
        let inner = r#"{"version": 2, "ethernets": {"nics": {"dhcp4": true}}}"#;
        assert_eq!(of(&format!(r#"{{"instance-id": "i", "network": {inner}}}"#)).unwrap(), expected);
        let whole = format!(r#"{{"instance-id": "i", "network": {{"network": {inner}}}}}"#);
        assert_eq!(of(&whole).unwrap(), expected);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, why) in [
            ("{}", "It is empty"),
            (r#"["x"]"#, "Expected an object"),
            (r#"{"hostnmae": "x"}"#, "Did you mean \"hostname\"?"),
            (r#"{"hostname": ""}"#, "`hostname`"),
            (r#"{"hostname": "a", "local-hostname": "b"}"#, "are the same"),
            (r#"{"network": {}, "interfaces": []}"#, "keep one"),
            (r#"{"interfaces": [{}]}"#, "`interfaces[0].name` is missing"),
            (r#"{"interfaces": [{"name": "a"}, {"name": "a"}]}"#, "two interfaces"),
            (r#"{"interfaces": [{"name": "a"}, {"name": "b", "guest_device_name": "a"}]}"#, "two interfaces"),
            (r#"{"interfaces": [{"name": "a", "adresses": []}]}"#, "Did you mean \"addresses\"?"),
            (r#"{"interfaces": [{"name": "a", "addresses": ["10.0.0.5"]}]}"#, "10.0.0.5/24"),
            (r#"{"interfaces": [{"name": "a", "addresses": ["10.0.0.5/33"]}]}"#, "prefix length"),
            (r#"{"interfaces": [{"name": "a", "addresses": ["10.0.0.5/+24"]}]}"#, "prefix length"),
            (r#"{"interfaces": [{"name": "a", "addresses": ["fd00::5/129"]}]}"#, "prefix length"),
            (r#"{"interfaces": [{"name": "a", "gateway4": "fd00::1"}]}"#, "other family"),
            (r#"{"interfaces": [{"name": "a", "mac_address": "x"}]}"#, "not a MAC address"),
            (r#"{"interfaces": [{"name": "a", "nameservers": ["ns1"]}]}"#, "not an IP address"),
            (r#"{"interfaces": [{"name": "a", "dhcp4": "yes"}]}"#, "true or false"),
        ] {
            let result = of(text).unwrap_err();
            assert!(result.contains(why), "{text}: {result}");
        }
    }
}
