//! What is wrong with a customization, as far as no server is needed.
use super::plain::{Family, Interface};
use super::{
    CloudinitOptionsModel, CustomizationModel, InterfaceModel, LinuxOptionsModel, WindowsOptionsModel,
};
use crate::common::write_only;
use ipnet::Ipv6Net;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Field, Secret, Value};
use vsphere_client::ApiVersion;

type M = CustomizationModel;

/// A check for IP addresses of either version.
pub(super) fn address(v: &Dynamic) -> Result<(), String> {
    is_address::<IpAddr>(v, "an IP address, such as \"10.0.0.5\" or \"fd00::5\"")
}

/// A check for IPv4 addresses.
pub(super) fn ipv4(v: &Dynamic) -> Result<(), String> {
    is_address::<Ipv4Addr>(v, "an IPv4 address, such as \"10.0.0.5\"")
}

/// A check for IPv6 addresses.
pub(super) fn ipv6(v: &Dynamic) -> Result<(), String> {
    is_address::<Ipv6Addr>(v, "an IPv6 address, such as \"fd00::5\"")
}

/// What a network interface says that has no default gateway.
pub(super) const NO_GATEWAY: &str = "None";

/// A check for the IPv4 gateway of a network interface.
pub(super) fn gateway4(v: &Dynamic) -> Result<(), String> {
    let none = v.as_str() == Some(NO_GATEWAY);
    if none {
        Ok(())
    } else {
        is_address::<Ipv4Addr>(v, "an IPv4 address, such as \"10.0.0.1\", or \"None\"")
    }
}

/// A check for the IPv6 gateway of a network interface.
pub(super) fn gateway6(v: &Dynamic) -> Result<(), String> {
    let none = v.as_str() == Some(NO_GATEWAY);
    if none { Ok(()) } else { is_address::<Ipv6Addr>(v, "an IPv6 address, such as \"fe80::1\", or \"None\"") }
}

/// A check for IPv6 addresses with the length of their network's prefix.
pub(super) fn ipv6_with_length(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let expected = "Expected an IPv6 address with a prefix length, such as \"fd00::6/64\"";
    text.parse::<Ipv6Net>().map(drop).map_err(|_| format!("{expected}, not {text:?}."))
}

/// An empty text is what old modules write for nothing.
fn is_address<A: FromStr>(v: &Dynamic, expected: &str) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if text.is_empty() || text.parse::<A>().is_ok() {
        return Ok(());
    }
    let hint = match text.split_once('/') {
        Some((a, _)) if a.parse::<IpAddr>().is_ok() => {
            " The length of the prefix is an attribute of its own."
        }
        _ if text.parse::<IpAddr>().is_ok() => " This is one of the other version of IP.",
        _ => "",
    };
    Err(format!("Expected {expected}, not {text:?}.{hint}"))
}

/// A check for domains.
pub(super) fn domain(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let wrong = |why: String| Err(format!("{text:?} is not a domain, such as \"example.com\": {why}."));
    if text.is_empty() {
        return Ok(());
    }
    if text.len() > 253 {
        return wrong(format!("it has {} characters, and 253 are allowed", text.len()));
    }
    // A domain may end in the dot of the root.
    let text = text.strip_suffix('.').unwrap_or(text);
    text.split('.').find_map(|label| not_a_label(label).err()).map_or(Ok(()), wrong)
}

/// What is wrong with a label of a domain name. Underscores are not allowed in host names, but some hosts have them.
fn not_a_label(label: &str) -> Result<(), String> {
    let bad = label.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
    match bad {
        _ if label.is_empty() => Err("a part of it is empty".to_owned()),
        Some(c) => Err(format!("it has the character {c:?}")),
        _ if label.len() > 63 => Err(format!("a part has {} characters, and 63 are allowed", label.len())),
        _ if label.starts_with('-') || label.ends_with('-') => {
            Err("a part begins or ends with a hyphen".to_owned())
        }
        _ => Ok(()),
    }
}

/// The maximum size of cloud-init metadata and of user data, in bytes (`CustomizationCloudinitPrep` of the vSphere API).
const CLOUDINIT_MAX: usize = 524_288;

/// A check for cloud-init data, which is not shown: it may be secret.
pub(super) fn cloudinit_data(v: &Dynamic) -> Result<(), String> {
    match v.as_str().map(str::len) {
        Some(0) => Err("It is empty. Expected JSON or YAML.".to_owned()),
        Some(n) if n > CLOUDINIT_MAX => Err(format!("It is longer than {CLOUDINIT_MAX} bytes.")),
        _ => Ok(()),
    }
}

/// Advice on names of Windows computers: vSphere takes longer ones, and the guest gets what fits into a NetBIOS name
/// ("will be truncated to 15 characters", `CustomizationUserData.computerName` of the vSphere API).
pub(super) fn computer_name_length(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let (length, kept) = (text.chars().count(), text.chars().take(15).collect::<String>());
    match length > 15 {
        true => Err(format!(
            "{text:?} has {length} characters. vSphere uses the first 15: the computer will be called {kept:?}."
        )),
        false => Ok(()),
    }
}

/// A check for names of Windows computers.
pub(super) fn computer_name(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let wrong = |why: String| Err(format!("{text:?} is not the name of a Windows computer: {why}."));
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return wrong("it has digits only".to_owned());
    }
    if text.contains('.') {
        return wrong("it has a dot; the domain to join is `join_domain`".to_owned());
    }
    not_a_label(text).map_or_else(|why| wrong(why.replace("a part of it", "it").replace("a part", "it")), Ok)
}

/// A check for time zones of Linux.
pub(super) fn linux_time_zone(v: &Dynamic) -> Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let expected = "Expected a name of the time zone database, such as \"Europe/Berlin\" or \"UTC\"";
    if text.is_empty() {
        return Ok(());
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("{expected}, not {text:?}, which is an index of Windows."));
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '/' | '_');
    if !text.chars().all(letters) || text.starts_with('/') || text.ends_with('/') {
        return Err(format!("{expected}, not {text:?}."));
    }
    if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Err(format!("{expected}, not {text:?}: capital letters matter."));
    }
    Ok(())
}

/// Whether something is set, or may be. An empty text is not.
fn given(v: &Value<String>) -> bool {
    v.is_unknown() || !v.as_str().is_empty()
}

fn given_secret(v: &Value<Secret>) -> bool {
    v.is_unknown() || v.known().is_some_and(|s| !s.expose().is_empty())
}

impl M {
    /// For which kind of guest it is.
    pub(crate) fn family(&self) -> Option<Family> {
        let any = |n: Option<usize>| n.is_some_and(|n| n > 0);
        if any(self.linux_options.known().map(Vec::len)) {
            return Some(Family::Linux);
        }
        let windows = any(self.windows_options.known().map(Vec::len))
            || self.windows_sysprep_text.known().is_some_and(|t| !t.expose().is_empty());
        windows.then_some(Family::Windows)
    }
}

/// The problems of the customization at `at`. Unknown values pass.
pub(crate) fn validate(config: &M, at: &AttributePath) -> Diagnostics {
    let mut out = one_identity(config, at);
    for (i, c) in config.cloudinit_options.known().into_iter().flatten().enumerate() {
        let path = |field: Field| at.clone().field(M::CLOUDINIT_OPTIONS).index(i).field(field);
        let fields = (CloudinitOptionsModel::USERDATA_WO, CloudinitOptionsModel::USERDATA_WO_VERSION);
        out.merge(write_only::check(&c.userdata, &c.userdata_wo, &c.userdata_wo_version, path, fields));
    }
    for (i, linux) in config.linux_options.known().into_iter().flatten().enumerate() {
        out.merge(host_name(linux, &at.clone().field(M::LINUX_OPTIONS).index(i)));
    }
    for (i, windows) in config.windows_options.known().into_iter().flatten().enumerate() {
        out.merge(membership(windows, &at.clone().field(M::WINDOWS_OPTIONS).index(i)));
    }
    for (i, interface) in config.network_interface.known().into_iter().flatten().enumerate() {
        let at = at.clone().field(M::NETWORK_INTERFACE).index(i);
        out.merge(netmasks(interface, &at));
        out.merge(without_address(interface, &at));
    }
    out.merge(gateways(config, at));
    out
}

/// Exactly one block says who the guest becomes.
fn one_identity(config: &M, at: &AttributePath) -> Diagnostics {
    fn count<T>(v: &Value<Vec<T>>) -> usize {
        v.known().map_or(0, |b| b.len().min(1))
    }
    let unknown = config.linux_options.is_unknown()
        || config.cloudinit_options.is_unknown()
        || config.windows_options.is_unknown()
        || config.windows_sysprep_text.is_unknown();
    let sysprep = config.windows_sysprep_text.known().is_some_and(|t| !t.expose().is_empty());
    let n = count(&config.linux_options)
        + count(&config.cloudinit_options)
        + count(&config.windows_options)
        + usize::from(sysprep);
    let which = "Exactly one of `linux_options`, `cloudinit_options`, `windows_options` and `windows_sysprep_text` says how the guest \
                 is set up";
    match n {
        0 if !unknown => {
            Diagnostics::error(at.clone(), "Nothing says which guest it is", format!("{which}: set one."))
        }
        0 | 1 => Diagnostics::default(),
        n => Diagnostics::error(
            at.clone(),
            "The customization is for several guests",
            format!("{which}, and there are {n} of them. Leave out what is not for this guest."),
        ),
    }
}

fn host_name(linux: &LinuxOptionsModel, at: &AttributePath) -> Diagnostics {
    let Some(name) = linux.host_name.known() else { return Diagnostics::default() };
    let at = at.clone().field(LinuxOptionsModel::HOST_NAME);
    let wrong = |why: String| {
        let detail = format!(
            "{name:?} is not a host name: {why}. Expected letters, digits and hyphens, at most 63, such as \"web-1\"."
        );
        Diagnostics::error(at.clone(), "Invalid value for `host_name`", detail)
    };
    match name.split_once('.') {
        _ if name.len() > 253 => wrong(format!("it has {} characters", name.len())),
        Some((host, rest)) => {
            if let Some(why) = name.split('.').find_map(|label| not_a_label(label).err()) {
                return wrong(why);
            }
            let detail = format!(
                "{name:?} has a dot, and the guest is called by it with `domain` after it. Most often this is meant: \
                 `host_name = {host:?}` and `domain = {rest:?}`."
            );
            Diagnostics::warning(at, "The host name has a domain", detail)
        }
        None => match not_a_label(name) {
            Err(why) => wrong(why.replace("a part of it", "it").replace("a part", "it")),
            Ok(()) if name.contains('_') => {
                let detail = format!(
                    "{name:?} has an underscore, which host names do not have: some programs refuse it. A hyphen is allowed."
                );
                Diagnostics::warning(at, "The host name has an underscore", detail)
            }
            Ok(()) => Diagnostics::default(),
        },
    }
}

/// A computer joins a domain or a workgroup; a domain requires the credentials of an administrator.
fn membership(windows: &WindowsOptionsModel, at: &AttributePath) -> Diagnostics {
    type W = WindowsOptionsModel;
    let mut out = Diagnostics::default();
    let domain = !windows.join_domain.as_str().is_empty();
    if domain && !windows.workgroup.as_str().is_empty() {
        let detail =
            "A computer is a member of a domain or of a workgroup: leave `join_domain` or `workgroup` out.";
        let at = at.clone().field(W::WORKGROUP);
        out.merge(Diagnostics::error(at, "A domain and a workgroup are set", detail));
    }
    let needed = |field: Field, what: &str, out: &mut Diagnostics| {
        let detail = format!(
            "To join the domain {:?}, `{}` is needed: {what}.",
            windows.join_domain.as_str(),
            field.0
        );
        out.merge(Diagnostics::error(at.clone().field(field), format!("`{}` is needed", field.0), detail));
    };
    if domain && !given(&windows.domain_admin_user) {
        needed(W::DOMAIN_ADMIN_USER, "a user who may add computers to it", &mut out);
    }
    if domain && !given_secret(&windows.domain_admin_password) {
        needed(W::DOMAIN_ADMIN_PASSWORD, "the password of that user", &mut out);
    }
    out
}

/// An address means something only with the length of its network's prefix.
fn netmasks(interface: &InterfaceModel, at: &AttributePath) -> Diagnostics {
    type I = InterfaceModel;
    let mut out = Diagnostics::default();
    let pairs = [
        (&interface.ipv4_address, &interface.ipv4_netmask, I::IPV4_NETMASK, 24),
        (&interface.ipv6_address, &interface.ipv6_netmask, I::IPV6_NETMASK, 64),
    ];
    for (address, netmask, field, example) in pairs {
        if !address.as_str().is_empty() && !netmask.is_unknown() && netmask.get() == 0 {
            let detail = format!(
                "The address {:?} needs the length of its network's prefix, such as `{} = {example}`.",
                address.as_str(),
                field.0
            );
            let summary = format!("`{}` is needed", field.0);
            out.merge(Diagnostics::error(at.clone().field(field), summary, detail));
        }
    }
    out
}

/// A gateway of an interface requires an address of its version.
fn without_address(interface: &InterfaceModel, at: &AttributePath) -> Diagnostics {
    type I = InterfaceModel;
    let mut out = Diagnostics::default();
    let v6 = given(&interface.ipv6_address)
        || interface.ipv6_addresses.is_unknown()
        || interface.ipv6_addresses.known().is_some_and(|a| !a.is_empty())
        || interface.dhcp6.is_unknown()
        || interface.dhcp6.get();
    for (gateway, field, has, needed) in [
        (&interface.ipv4_gateway, I::IPV4_GATEWAY, given(&interface.ipv4_address), "`ipv4_address`"),
        (&interface.ipv6_gateway, I::IPV6_GATEWAY, v6, "`ipv6_address`, `ipv6_addresses` or `dhcp6`"),
    ] {
        let Some(gateway) = gateway.non_empty().filter(|g| *g != NO_GATEWAY && !has) else { continue };
        let detail = format!(
            "The gateway {gateway:?} requires {needed}. With DHCP, the gateway comes from the DHCP server: omit it."
        );
        let summary = format!("`{}` requires an address", field.0);
        out.merge(Diagnostics::error(at.clone().field(field), summary, detail));
    }
    out
}

/// Whether the addresses and the gateway of an interface are known, for IPv4 or IPv6.
fn is_placed(interface: &InterfaceModel, v4: bool) -> bool {
    if v4 {
        !(interface.ipv4_address.is_unknown()
            || interface.ipv4_netmask.is_unknown()
            || interface.ipv4_gateway.is_unknown())
    } else {
        !(interface.ipv6_address.is_unknown()
            || interface.ipv6_netmask.is_unknown()
            || interface.ipv6_addresses.is_unknown()
            || interface.ipv6_gateway.is_unknown())
    }
}

/// A gateway outside of the networks is a mistake more often than not. The gateway of the customization is in order if an
/// interface reaches it, which may use a gateway of its own instead.
fn gateways(config: &M, at: &AttributePath) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(interfaces) = config.network_interface.known() else { return out };
    let plain: Vec<Interface> = interfaces.iter().map(Interface::of).collect();
    let mut outside = |gateway: IpAddr, at: AttributePath, fields: [Field; 2], of: &str| {
        let (field, version) = if gateway.is_ipv4() { (fields[0], "IPv4") } else { (fields[1], "IPv6") };
        let detail = format!(
            "{gateway} is not in the {version} network of {of}, so that the guest does not use it. Check the address, the prefix \
             length and the gateway. With DHCP, the gateway comes from the DHCP server: omit it."
        );
        out.merge(Diagnostics::warning(at.field(field), "The gateway is outside of the network", detail));
    };
    for (i, (interface, plain)) in interfaces.iter().zip(&plain).enumerate() {
        for gateway in plain.outside().into_iter().filter(|g| is_placed(interface, g.is_ipv4())) {
            let at = at.clone().field(M::NETWORK_INTERFACE).index(i);
            let fields = [InterfaceModel::IPV4_GATEWAY, InterfaceModel::IPV6_GATEWAY];
            outside(gateway, at, fields, "this network interface");
        }
    }
    let of_all: [Option<IpAddr>; 2] =
        [parsed(&config.ipv4_gateway).map(IpAddr::V4), parsed(&config.ipv6_gateway).map(IpAddr::V6)];
    for gateway in of_all.into_iter().flatten() {
        let known = interfaces.iter().all(|i| is_placed(i, gateway.is_ipv4()));
        if known && !plain.iter().any(|i| i.reaches(gateway)) {
            let of = "any `network_interface` with a fixed address";
            outside(gateway, at.clone(), [M::IPV4_GATEWAY, M::IPV6_GATEWAY], of);
        }
    }
    out
}

/// A text as an address; nothing where it is none.
pub(super) fn parsed<A: FromStr>(v: &Value<String>) -> Option<A> {
    v.known()?.parse().ok()
}

/// What a server is too old for.
pub(crate) fn needs(config: &M, server: ApiVersion, at: &AttributePath) -> Diagnostics {
    let mut out = Diagnostics::default();
    let mut old = |at: AttributePath, field: Field, needs: &str| {
        let detail = format!("This vCenter has API version {server}; it needs {needs}. Leave it out.");
        let summary = format!("The vCenter is too old for `{}`", field.0);
        out.merge(Diagnostics::error(at.field(field), summary, detail));
    };
    if server < ApiVersion::new([7, 0, 3, 0])
        && config.cloudinit_options.known().is_some_and(|c| !c.is_empty())
    {
        old(at.clone(), M::CLOUDINIT_OPTIONS, "vSphere 7.0 U3");
    }
    for (i, linux) in config.linux_options.known().into_iter().flatten().enumerate() {
        if server < ApiVersion::new([7, 0, 0, 0])
            && linux.script_text.known().is_some_and(|s| !s.expose().is_empty())
        {
            let at = at.clone().field(M::LINUX_OPTIONS).index(i);
            old(at, LinuxOptionsModel::SCRIPT_TEXT, "vSphere 7.0");
        }
    }
    for (i, windows) in config.windows_options.known().into_iter().flatten().enumerate() {
        if server < ApiVersion::new([8, 0, 2, 0]) && !windows.domain_ou.as_str().is_empty() {
            let at = at.clone().field(M::WINDOWS_OPTIONS).index(i);
            old(at, WindowsOptionsModel::DOMAIN_OU, "vSphere 8.0 U2");
        }
    }
    out
}

/// Whether there are as many interfaces as the virtual machine has: vSphere takes no other number.
pub(crate) fn validate_nics(config: &M, nics: usize, at: &AttributePath) -> Diagnostics {
    let declared = match &config.network_interface {
        Value::Known(blocks) => blocks.len(),
        Value::Null => 0,
        Value::Unknown => return Diagnostics::default(),
    };
    // The metadata of cloud-init can have the network configuration.
    let can_omit = declared == 0 && config.cloudinit_options.known().is_some_and(|c| !c.is_empty());
    if declared == nics || can_omit {
        return Diagnostics::default();
    }
    let detail = format!(
        "The customization has {declared} `network_interface` blocks, and the virtual machine has {nics} network interfaces. \
         There must be one for each, in the same order; an empty block sets an interface up by DHCP."
    );
    let at = at.clone().field(M::NETWORK_INTERFACE);
    Diagnostics::error(at, "The customization does not fit the network interfaces", detail)
}
