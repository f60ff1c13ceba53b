//! The function `guest_network_defaults`.
use super::{list, object, parameter, wrong};
use crate::nearest::did_you_mean;
use std::net::IpAddr;
use tf_framework::server::{FunctionError, Parameter, Signature};
use tf_framework::{Dynamic, Function, Object, Type};

/// The members of the first argument.
const OF_NETWORK: [&str; 6] =
    ["name", "host_name", "domain_name", "nameservers", "search_domains", "interfaces"];

/// The members of an interface.
const OF_INTERFACE: [&str; 15] = [
    "name",
    "network",
    "addresses",
    "dhcp4",
    "dhcp6",
    "gateway4",
    "gateway6",
    "nameservers",
    "search_domains",
    "mac_address",
    "mtu",
    "optional",
    "routes",
    "wakeonlan",
    "guest_device_name",
];

/// What an interface has for cloud-init only.
const TAKEN_OVER: [&str; 6] = ["guest_device_name", "mac_address", "mtu", "optional", "routes", "wakeonlan"];

/// The members of the second argument.
const OF_DEFAULTS: [&str; 3] = ["nameservers", "search_domains", "networks"];

/// The members of a network in the second argument.
const OF_DEFAULT_NETWORK: [&str; 5] = ["addresses", "dhcp4", "dhcp6", "gateway4", "gateway6"];

/// The gateway of an interface that is to have none, though its network has one.
const NO_GATEWAY: &str = "None";

/// An object with known members only.
fn members<'a>(at: &str, v: &'a Dynamic, known: &[&'static str]) -> Result<&'a Object, String> {
    let Dynamic::Map(of) = v else { return Err(format!("`{at}` is not an object.")) };
    match of.keys().find(|k| !known.contains(&k.as_str())) {
        Some(other) => {
            let near = did_you_mean(other, known.iter().copied());
            Err(format!("`{at}.{other}` is unknown.{near} Expected {}.", known.join(", ")))
        }
        None => Ok(of),
    }
}

fn get<'a>(of: &'a Object, name: &str) -> &'a Dynamic {
    of.get(name).unwrap_or(Dynamic::null())
}

fn text(at: &str, of: &Object, name: &str) -> Result<Option<String>, String> {
    match get(of, name) {
        Dynamic::Null => Ok(None),
        v => match v.as_str() {
            Some(text) => Ok(Some(text.to_owned()).filter(|t| !t.is_empty())),
            None => Err(format!("`{at}.{name}` is not a string.")),
        },
    }
}

fn texts(at: &str, of: &Object, name: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("`{at}.{name}` is not a list of strings.");
    match get(of, name) {
        Dynamic::Null => Ok(vec![]),
        Dynamic::List(items) => {
            items.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}

fn flag(at: &str, of: &Object, name: &str) -> Result<bool, String> {
    match get(of, name) {
        Dynamic::Null => Ok(false),
        Dynamic::Bool(on) => Ok(*on),
        _ => Err(format!("`{at}.{name}` is not true or false.")),
    }
}

/// A gateway of a family, or that there is none.
fn gateway(at: &str, of: &Object, name: &str, v4: bool) -> Result<Option<String>, String> {
    let Some(gateway) = text(at, of, name)? else { return Ok(None) };
    let is = gateway.parse::<IpAddr>().is_ok_and(|a| a.is_ipv4() == v4);
    if is || gateway == NO_GATEWAY {
        return Ok(Some(gateway));
    }
    let version = if v4 { "IPv4" } else { "IPv6" };
    Err(format!("`{at}.{name}`: {gateway:?} is not an {version} address."))
}

fn or_default(own: Vec<String>, default: Vec<String>) -> Vec<String> {
    if own.is_empty() { default } else { own }
}

/// The configuration of an interface, by the table of VM Operator.
fn interface(at: &str, of: &Object, networks: &Dynamic) -> Result<Dynamic, String> {
    let name = text(at, of, "name")?.ok_or_else(|| format!("`{at}.name` is missing, such as \"eth0\"."))?;
    let named = text(at, of, "network")?;
    let network = named.as_ref().unwrap_or(&name);
    let of_network = networks.get(network);
    if let (Some(network), Dynamic::Map(all)) = (&named, networks)
        && !all.contains_key(network)
    {
        let near = did_you_mean(network, all.keys().map(String::as_str));
        return Err(format!("`{at}.network`: {network:?} is not a key of `networks` in the defaults.{near}"));
    }
    let empty = Object::new();
    let there = format!("defaults.networks.{network}");
    let default = match of_network {
        Dynamic::Null => &empty,
        v => members(&there, v, &OF_DEFAULT_NETWORK)?,
    };
    let (by4, by6) = (flag(&there, default, "dhcp4")?, flag(&there, default, "dhcp6")?);
    // What assigns addresses does not where all of them come from DHCP.
    let assigned = if by4 && by6 { vec![] } else { texts(&there, default, "addresses")? };
    let gateway = |field: &str, v4: bool, by_dhcp: bool| -> Result<Dynamic, String> {
        let own = gateway(at, of, field, v4)?;
        let assigned = if by_dhcp { None } else { gateway(&there, default, field, v4)? };
        Ok(own.or(assigned).filter(|g| g != NO_GATEWAY).map_or(Dynamic::Null, |g| g.as_str().into()))
    };
    let mut out = vec![
        ("name".to_owned(), Dynamic::from(name.as_str())),
        ("addresses".to_owned(), list(or_default(texts(at, of, "addresses")?, assigned))),
        ("dhcp4".to_owned(), Dynamic::Bool(flag(at, of, "dhcp4")? || by4)),
        ("dhcp6".to_owned(), Dynamic::Bool(flag(at, of, "dhcp6")? || by6)),
        ("gateway4".to_owned(), gateway("gateway4", true, by4)?),
        ("gateway6".to_owned(), gateway("gateway6", false, by6)?),
        ("nameservers".to_owned(), list(texts(at, of, "nameservers")?)),
        ("search_domains".to_owned(), list(texts(at, of, "search_domains")?)),
    ];
    for field in TAKEN_OVER {
        out.push((field.to_owned(), get(of, field).clone()));
    }
    text(at, of, "guest_device_name")?;
    Ok(Dynamic::object(out))
}

fn config(network: &Dynamic, defaults: &Dynamic) -> Result<Dynamic, (i64, String)> {
    let of = members("network", network, &OF_NETWORK).map_err(|why| (0, why))?;
    let empty = Object::new();
    let given = match defaults {
        Dynamic::Null => &empty,
        v => members("defaults", v, &OF_DEFAULTS).map_err(|why| (1, why))?,
    };
    let networks = get(given, "networks");
    if !matches!(networks, Dynamic::Null | Dynamic::Map(_)) {
        return Err((1, "`defaults.networks` is not an object.".to_owned()));
    }
    let own = |name: &str| text("network", of, name).map_err(|why| (0, why));
    let all = |name: &str| {
        let default = texts("defaults", given, name).map_err(|why| (1, why))?;
        Ok::<_, (i64, String)>(or_default(texts("network", of, name).map_err(|why| (0, why))?, default))
    };
    let interfaces = match get(of, "interfaces") {
        Dynamic::Null => &[][..],
        Dynamic::List(items) => items,
        _ => return Err((0, "`network.interfaces` is not a list of objects.".to_owned())),
    };
    let interfaces: Vec<Dynamic> = (interfaces.iter().enumerate())
        .map(|(n, v)| {
            let at = format!("network.interfaces[{n}]");
            let of = members(&at, v, &OF_INTERFACE).map_err(|why| (0, why))?;
            interface(&at, of, networks).map_err(|why| (i64::from(why.starts_with("`defaults")), why))
        })
        .collect::<Result<_, _>>()?;
    let optional = |text: Option<String>| text.map_or(Dynamic::Null, |t| Dynamic::from(t.as_str()));
    Ok(object([
        ("host_name", optional(own("host_name")?.or(own("name")?))),
        ("domain_name", optional(own("domain_name")?)),
        ("nameservers", list(all("nameservers")?)),
        ("search_domains", list(all("search_domains")?)),
        ("interfaces", Dynamic::List(interfaces)),
    ]))
}

/// `guest_network_defaults(network, defaults)`
#[derive(Debug, Default)]
pub struct GuestNetworkDefaults;

impl Function for GuestNetworkDefaults {
    fn signature(&self) -> Signature {
        Signature {
            name: "guest_network_defaults",
            summary: "Completes the network configuration of a guest with defaults",
            doc: "Returns the intended network configuration of a guest, as VM Operator determines it: an object with \
                  `host_name`, `domain_name`, `nameservers`, `search_domains` and `interfaces`. Each interface has `name`, \
                  `addresses`, `dhcp4`, `dhcp6`, `gateway4`, `gateway6`, `nameservers` and `search_domains`. The interfaces \
                  can be passed to `cloud_init_metadata`.\n\n\
                  The first argument is an object with the following members, all of them optional:\n\n\
                  - `name`: the name of the virtual machine, which is the default of `host_name`.\n\
                  - `host_name` and `domain_name`: the host name and the DNS domain.\n\
                  - `nameservers` and `search_domains`: the DNS servers and search domains, which default to those of the \
                  second argument.\n\
                  - `interfaces`: a list of network interfaces. Each is an object with `name` (required), `network` (a key of \
                  `networks` in the second argument; defaults to `name`), `addresses`, `dhcp4`, `dhcp6`, `gateway4`, \
                  `gateway6` (an address, or `None` for no gateway), `nameservers` and `search_domains`. `mac_address`, \
                  `mtu`, `routes`, `optional`, `wakeonlan` and `guest_device_name` are returned as they are.\n\n\
                  The second argument is an object with `nameservers`, `search_domains` and `networks`, or null. A network \
                  is an object with `addresses` (with prefix lengths), `gateway4` and `gateway6`, which apply to the \
                  interfaces that do not set them, and `dhcp4` and `dhcp6`: whether the network uses DHCP. If it uses DHCP \
                  for both, `addresses` is not used, and with `dhcp4` or `dhcp6` neither is the gateway of that version.",
            parameters: vec![
                parameter("network", Type::Any, "An object with the network configuration of the guest."),
                Parameter {
                    allow_null: true,
                    ..parameter("defaults", Type::Any, "An object with the defaults, or null.")
                },
            ],
            variadic: None,
            returns: Type::Any,
        }
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        let argument = |n: usize| arguments.get(n).unwrap_or(Dynamic::null());
        config(argument(0), argument(1)).map_err(|(n, why)| wrong(n, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};
    use tf_framework::json;

    fn of(network: &Json, defaults: &Json) -> Result<Dynamic, (i64, String)> {
        let decode = |v: &Json| json::decode(&Type::Any, v).unwrap();
        GuestNetworkDefaults
            .call(&[decode(network), decode(defaults)])
            .map_err(|e| (e.argument.unwrap_or(-1), e.text))
    }

    /// The rows of the table of VM Operator: a field of the result, and where it comes from.
    #[test]
    fn each_field_comes_from_its_source() {
        let nic = |members: Json| {
            let mut nic = json!({ "name": "eth0", "network": "vlan7" });
            nic.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            json!({ "interfaces": [nic] })
        };
        let ipam = |members: Json| json!({ "networks": { "vlan7": members } });
        let pool = json!({ "addresses": ["10.0.0.9/24"], "gateway4": "10.0.0.1", "gateway6": "fd00::1" });
        let pool_with = |more: Json| {
            let mut all = pool.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ipam(all)
        };
        let none = json!({});
        let dns = json!({ "nameservers": ["8.8.8.8"], "search_domains": ["hello.world"] });
        let table: Vec<(&str, Json, &Json, &str, Json)> = vec![
            (
                "host name: spec",
                json!({ "name": "vm", "host_name": "web" }),
                &none,
                "host_name",
                json!("web"),
            ),
            ("host name: name", json!({ "name": "vm", "host_name": "" }), &none, "host_name", json!("vm")),
            (
                "domain: spec",
                json!({ "domain_name": "example.com" }),
                &none,
                "domain_name",
                json!("example.com"),
            ),
            ("domain: none", json!({ "name": "vm" }), &none, "domain_name", Json::Null),
            (
                "nameservers: spec",
                json!({ "nameservers": ["1.1.1.1"] }),
                &dns,
                "nameservers",
                json!(["1.1.1.1"]),
            ),
            ("nameservers: default", json!({ "nameservers": [] }), &dns, "nameservers", json!(["8.8.8.8"])),
            ("search: spec", json!({ "search_domains": ["a.b"] }), &dns, "search_domains", json!(["a.b"])),
            ("search: default", json!({}), &dns, "search_domains", json!(["hello.world"])),
            ("an interface for each", nic(json!({})), &none, "interfaces.0.name", json!("eth0")),
            (
                "interface nameservers: spec, without a default",
                nic(json!({ "nameservers": ["1.1.1.1"] })),
                &dns,
                "interfaces.0.nameservers",
                json!(["1.1.1.1"]),
            ),
            ("interface nameservers: none", nic(json!({})), &dns, "interfaces.0.nameservers", json!([])),
            (
                "interface search domains: spec",
                nic(json!({ "search_domains": ["a.b"] })),
                &dns,
                "interfaces.0.search_domains",
                json!(["a.b"]),
            ),
        ];
        let with_pool = pool_with(json!({}));
        let (by4, by6) = (pool_with(json!({ "dhcp4": true })), pool_with(json!({ "dhcp6": true })));
        let both = pool_with(json!({ "dhcp4": true, "dhcp6": true }));
        let of_nic: Vec<(&str, Json, &Json, &str, Json)> = vec![
            (
                "addresses: spec",
                json!({ "addresses": ["10.0.0.5/24"] }),
                &with_pool,
                "addresses",
                json!(["10.0.0.5/24"]),
            ),
            ("addresses: assigned", json!({}), &with_pool, "addresses", json!(["10.0.0.9/24"])),
            (
                "addresses: assigned beside DHCP for IPv6",
                json!({}),
                &by6,
                "addresses",
                json!(["10.0.0.9/24"]),
            ),
            ("addresses: DHCP for both", json!({}), &both, "addresses", json!([])),
            ("dhcp4: spec", json!({ "dhcp4": true }), &with_pool, "dhcp4", json!(true)),
            ("dhcp4: network", json!({ "dhcp4": false }), &by4, "dhcp4", json!(true)),
            ("dhcp4: none", json!({}), &with_pool, "dhcp4", json!(false)),
            ("dhcp6: spec", json!({ "dhcp6": true }), &with_pool, "dhcp6", json!(true)),
            ("dhcp6: network", json!({}), &by6, "dhcp6", json!(true)),
            ("gateway4: spec", json!({ "gateway4": "10.0.0.254" }), &by4, "gateway4", json!("10.0.0.254")),
            ("gateway4: assigned", json!({}), &with_pool, "gateway4", json!("10.0.0.1")),
            ("gateway4: DHCP", json!({}), &by4, "gateway4", Json::Null),
            ("gateway4: None", json!({ "gateway4": "None" }), &with_pool, "gateway4", Json::Null),
            ("gateway6: spec", json!({ "gateway6": "fe80::1" }), &with_pool, "gateway6", json!("fe80::1")),
            ("gateway6: assigned", json!({}), &by4, "gateway6", json!("fd00::1")),
            ("gateway6: DHCP", json!({}), &by6, "gateway6", Json::Null),
            ("mtu: spec", json!({ "mtu": 9000 }), &with_pool, "mtu", json!(9000)),
            ("name: spec", json!({ "guest_device_name": "ens192" }), &with_pool, "name", json!("eth0")),
            (
                "name in the guest",
                json!({ "guest_device_name": "ens192" }),
                &with_pool,
                "guest_device_name",
                json!("ens192"),
            ),
        ];
        let of_nic = of_nic.into_iter().map(|(row, members, defaults, field, expected)| {
            (row, nic(members), defaults, format!("interfaces.0.{field}"), expected)
        });
        let table = table.into_iter().map(|(a, b, c, field, e)| (a, b, c, field.to_owned(), e));
        for (row, network, defaults, field, expected) in table.chain(of_nic) {
            let result = of(&network, defaults).unwrap();
            let found = field.split('.').fold(&result, |v, step| match step.parse::<usize>() {
                Ok(n) => &v.items()[n],
                Err(_) => v.get(step),
            });
            assert_eq!(*found, json::decode(&Type::Any, &expected).unwrap(), "{row}");
        }
    }

    #[test]
    fn the_result_is_an_argument_of_cloud_init_metadata() {
        let network = json!({ "name": "my-vm", "interfaces": [{ "name": "eth0", "mtu": 9000 }] });
        let defaults =
            json!({ "networks": { "eth0": { "addresses": ["192.168.0.3/24"], "gateway4": "192.168.0.1" } } });
        let result = of(&network, &defaults).unwrap();
        let metadata = object([
            ("hostname", result.get("host_name").clone()),
            ("interfaces", result.get("interfaces").clone()),
        ]);
        let text = super::super::cloud_init::CloudInitMetadata.call(&[metadata]).unwrap();
        let text = text.as_str().unwrap();
        for part in ["\"local-hostname\":\"my-vm\"", "192.168.0.3/24", "\"via\":\"192.168.0.1\"", "9000"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(of(&network, &Json::Null).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (network, defaults, argument, why) in [
            (json!("x"), json!({}), 0, "`network` is not an object"),
            (json!({ "hostname": "x" }), json!({}), 0, "Did you mean \"host_name\"?"),
            (json!({ "nameservers": "x" }), json!({}), 0, "not a list of strings"),
            (json!({ "interfaces": {} }), json!({}), 0, "not a list of objects"),
            (json!({ "interfaces": [{}] }), json!({}), 0, "`network.interfaces[0].name` is missing"),
            (json!({ "interfaces": [{ "name": "a", "gateway4": "fd00::1" }] }), json!({}), 0, "IPv4 address"),
            (json!({ "interfaces": [{ "name": "a", "dhcp4": "yes" }] }), json!({}), 0, "true or false"),
            (json!({ "interfaces": [{ "name": "a", "adresses": [] }] }), json!({}), 0, "\"addresses\"?"),
            (
                json!({ "interfaces": [{ "name": "a", "network": "vlan8" }] }),
                json!({ "networks": { "vlan7": {} } }),
                0,
                "\"vlan8\" is not a key of `networks` in the defaults. Did you mean \"vlan7\"?",
            ),
            (json!({}), json!([]), 1, "`defaults` is not an object"),
            (json!({}), json!({ "networks": [] }), 1, "`defaults.networks` is not an object"),
            (
                json!({ "interfaces": [{ "name": "a" }] }),
                json!({ "networks": { "a": { "mtu": 1 } } }),
                1,
                "`defaults.networks.a.mtu` is unknown",
            ),
        ] {
            let (n, text) = of(&network, &defaults).unwrap_err();
            assert!(n == argument && text.contains(why), "{network}: {n} {text}");
        }
    }
}
