//! Whether what a configuration says of a package fits it, and what a server's refusals are about. Pure.
use crate::nearest::did_you_mean;
use std::collections::BTreeMap;
use vsphere_client::Fault;
use vsphere_client::ovf::Descriptor;

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// An entry of the map of networks.
    Network(String),
    /// The map of networks.
    Networks,
    /// A network interface, by its place in the list.
    Interface(usize),
    Option,
    Provisioning,
    Policy,
    Protocol,
    /// A vApp property.
    Property(String),
    /// The vApp properties.
    Properties,
    Name,
    Host,
    Datastore,
    Package,
}

/// What is wrong, or to be remarked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) about: About,
    pub(super) summary: String,
    pub(super) detail: String,
}

/// What a configuration wants of a package.
#[derive(Default)]
pub(super) struct Wanted {
    /// Names of networks, and who says them.
    pub(super) networks: Vec<(String, About)>,
    pub(super) option: String,
    /// Values may be secret: this is not to be printed.
    pub(super) properties: BTreeMap<String, String>,
    pub(super) hidden: bool,
}

/// The names, and the nearest to what was asked for.
fn choices(word: &str, all: &[&str]) -> String {
    let quoted: Vec<String> = all.iter().map(|c| format!("{c:?}")).collect();
    format!("It has {}.{}", quoted.join(", "), did_you_mean(word, all.iter().copied()))
}

/// What of this does not fit the package.
pub(super) fn misfits(wanted: &Wanted, package: &Descriptor) -> Vec<Problem> {
    let mut out = vec![];
    let networks: Vec<&str> = package.networks.iter().map(String::as_str).collect();
    for (name, about) in wanted.networks.iter().filter(|(name, _)| !networks.contains(&name.as_str())) {
        let detail =
            if networks.is_empty() { "It has no network.".to_owned() } else { choices(name, &networks) };
        let summary = format!("The package has no network {name:?}");
        out.push(Problem { about: about.clone(), summary, detail });
    }
    let options: Vec<&str> = package.options.iter().map(|o| o.id.as_str()).collect();
    if !wanted.option.is_empty() && !options.contains(&wanted.option.as_str()) {
        let detail = if options.is_empty() {
            "It can be deployed in one way only: leave `deployment_option` out.".to_owned()
        } else {
            choices(&wanted.option, &options)
        };
        let summary = format!("The package has no deployment option {:?}", wanted.option);
        out.push(Problem { about: About::Option, summary, detail });
    }
    for id in wanted.properties.keys() {
        out.extend(property(id, wanted.hidden, package));
    }
    out
}

fn property(id: &str, hidden: bool, package: &Descriptor) -> Option<Problem> {
    let about = About::Property(id.to_owned());
    let mut of_id = package.properties.iter().filter(|p| p.id == id);
    let Some(first) = of_id.next() else {
        let ids: Vec<&str> = package.properties.iter().map(|p| p.id.as_str()).collect();
        let detail = match package.properties.iter().find(|p| p.key() == id) {
            Some(p) => format!("Its ID, without class and instance, is {:?}: write that.", p.id),
            None if ids.is_empty() => "It has no properties.".to_owned(),
            None => choices(id, &ids),
        };
        return Some(Problem { about, summary: format!("The package has no property {id:?}"), detail });
    };
    if hidden || first.user_configurable || of_id.any(|p| p.user_configurable) {
        return None;
    }
    let detail = "The package does not mean users to set it. `enable_hidden_properties = true` in `ovf_deploy` sets it all \
                  the same."
        .to_owned();
    Some(Problem { about, summary: format!("The property {id:?} is hidden"), detail })
}

/// The keys by which a server takes the values of properties that users may set: class, id and instance.
pub(super) fn mappings(wanted: &Wanted, package: &Descriptor) -> Vec<(String, String)> {
    let open = package.properties.iter().filter(|p| p.user_configurable);
    open.filter_map(|p| Some((p.key(), wanted.properties.get(&p.id)?.clone()))).collect()
}

/// What a server refuses or remarks, and about what.
pub(super) fn remark(fault: &Fault) -> Problem {
    let text = |field: &str| fault.detail.text_of(field).filter(|t| !t.is_empty());
    let about = match fault.name.as_str() {
        "OvfUnsupportedDiskProvisioning" => About::Provisioning,
        "OvfNetworkMappingNotSupported" | "OvfNoHostNic" | "OvfPropertyNetwork" => About::Networks,
        "OvfInvalidVmName" => About::Name,
        "OvfCpuCompatibility" | "OvfCpuCompatibilityCheckNotSupported" | "OvfHostResourceConstraint" => {
            About::Host
        }
        "OvfDiskMappingNotFound" => About::Datastore,
        "OvfProperty" | "OvfPropertyType" | "OvfPropertyValue" | "OvfPropertyQualifier" => About::Properties,
        _ => match text("invalidProperty").unwrap_or_default() {
            p if p.contains("deploymentOption") => About::Option,
            p if p.contains("ipAllocationPolicy") => About::Policy,
            p if p.contains("ipProtocol") => About::Protocol,
            p if p.contains("diskProvisioning") => About::Provisioning,
            p if p.contains("networkMapping") => About::Networks,
            p if p.contains("host") => About::Host,
            p if p.contains("propertyMapping") => About::Properties,
            _ => About::Package,
        },
    };
    let message = fault.message.trim().trim_end_matches('.');
    let summary = if message.is_empty() { fault.name.clone() } else { message.to_owned() };
    let mut detail = vec![];
    if let Some(supported) = text("supportedDiskProvisioning") {
        detail.push(format!("Supported is {supported}."));
    }
    let named = [
        ("name", "Element"),
        ("elementName", "Device"),
        ("instanceId", "Instance"),
        ("deviceSubType", "Type"),
        ("lineNumber", "Line"),
        ("vmName", "Machine"),
        ("diskName", "Disk"),
    ];
    let facts: Vec<String> = named
        .iter()
        .filter_map(|(field, word)| {
            let value = text(field).filter(|v| !(*field == "lineNumber" && v.starts_with('-')))?;
            (!message.contains(value)).then(|| format!("{word}: {value}."))
        })
        .collect();
    detail.extend(facts);
    if !message.is_empty() {
        detail.push(format!("(vSphere: {})", fault.name));
    }
    Problem { about, summary, detail: detail.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::ovf::{DeploymentOption, Property};
    use vsphere_client::vim::xml::Dyn;

    fn package() -> Descriptor {
        let property = |class: &str, id: &str, user_configurable| Property {
            class: class.to_owned(),
            id: id.to_owned(),
            instance: String::new(),
            user_configurable,
        };
        Descriptor {
            networks: vec!["Management".to_owned(), "Storage".to_owned()],
            options: vec![DeploymentOption { id: "small".to_owned(), default: true }],
            properties: vec![
                property("", "hostname", true),
                property("com.acme", "domain", true),
                property("", "secret", false),
            ],
            ..Default::default()
        }
    }

    fn properties(of: &[&str]) -> BTreeMap<String, String> {
        of.iter().map(|id| ((*id).to_owned(), "v".to_owned())).collect()
    }

    #[test]
    fn what_does_not_fit_names_what_would() {
        let network =
            |name: &str, about| Wanted { networks: vec![(name.to_owned(), about)], ..Default::default() };
        let option = |id: &str| Wanted { option: id.to_owned(), ..Default::default() };
        let set = |ids: &[&str], hidden| Wanted { properties: properties(ids), hidden, ..Default::default() };
        for (wanted, package, expected) in [
            (network("Management", About::Interface(0)), package(), None),
            (
                network("management", About::Interface(1)),
                package(),
                Some((About::Interface(1), "Did you mean \"Management\"?")),
            ),
            (
                network("x", About::Network("x".into())),
                package(),
                Some((About::Network("x".into()), "It has \"Management\", \"Storage\".")),
            ),
            (
                network("x", About::Network("x".into())),
                Descriptor::default(),
                Some((About::Network("x".into()), "no network")),
            ),
            (option(""), package(), None),
            (option("small"), package(), None),
            (option("smal"), package(), Some((About::Option, "Did you mean \"small\"?"))),
            (option("small"), Descriptor::default(), Some((About::Option, "leave `deployment_option` out"))),
            (set(&["hostname", "domain"], false), package(), None),
            (
                set(&["hostnam"], false),
                package(),
                Some((About::Property("hostnam".into()), "Did you mean \"hostname\"?")),
            ),
            (
                set(&["com.acme.domain"], false),
                package(),
                Some((About::Property("com.acme.domain".into()), "is \"domain\"")),
            ),
            (
                set(&["secret"], false),
                package(),
                Some((About::Property("secret".into()), "enable_hidden_properties")),
            ),
            (set(&["secret"], true), package(), None),
            (set(&["x"], true), Descriptor::default(), Some((About::Property("x".into()), "no properties"))),
        ] {
            let found = misfits(&wanted, &package);
            let Some((about, said)) = expected else {
                assert_eq!(found, []);
                continue;
            };
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].about, about);
            assert!(found[0].detail.contains(said), "{}", found[0].detail);
        }
    }

    #[test]
    fn properties_go_by_their_whole_names_and_hidden_ones_do_not_go() {
        let wanted =
            Wanted { properties: properties(&["domain", "secret"]), hidden: true, ..Default::default() };
        assert_eq!(mappings(&wanted, &package()), [("com.acme.domain".to_owned(), "v".to_owned())]);
    }

    #[test]
    fn a_refusal_is_led_to_what_it_is_about() {
        for (name, message, fields, about, summary, detail) in [
            (
                "OvfUnsupportedDiskProvisioning",
                "Disk provisioning type not supported: x.",
                &[("diskProvisioning", "x"), ("supportedDiskProvisioning", "thin")][..],
                About::Provisioning,
                "Disk provisioning type not supported: x",
                "Supported is thin. (vSphere: OvfUnsupportedDiskProvisioning)",
            ),
            ("OvfNoHostNic", "", &[], About::Networks, "OvfNoHostNic", ""),
            (
                "InvalidArgument",
                "",
                &[("invalidProperty", "cisp.hostSystem")],
                About::Host,
                "InvalidArgument",
                "",
            ),
            (
                "InvalidArgument",
                "",
                &[("invalidProperty", "cisp.ipProtocol")],
                About::Protocol,
                "InvalidArgument",
                "",
            ),
            (
                "OvfUnsupportedType",
                "Type 99 is not supported",
                &[("name", "Odd"), ("instanceId", "7"), ("lineNumber", "-1")],
                About::Package,
                "Type 99 is not supported",
                "Element: Odd. Instance: 7. (vSphere: OvfUnsupportedType)",
            ),
        ] {
            let child = |(name, text): &(&str, &str)| Dyn {
                name: (*name).into(),
                text: (*text).to_owned(),
                ..Default::default()
            };
            let tree = Dyn { children: fields.iter().map(child).collect(), ..Default::default() };
            let found = remark(&Fault::new(name, message, tree));
            assert_eq!(found, Problem { about, summary: summary.to_owned(), detail: detail.to_owned() });
        }
    }
}
