//! A customization: from the configuration to plain values, from these to what vSphere takes, and back.
use super::check::{NO_GATEWAY, parsed};
use super::plain::{
    Cloudinit, Customization, Identity, Interface, Linux, Password, Windows, mask, place_gateways,
    prefix_length,
};
use super::{
    CloudinitOptionsModel, CustomizationModel, InterfaceModel, LinuxOptionsModel, WindowsOptionsModel,
};
use ipnet::Ipv6Net;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use tf_framework::{Secret, Value};
use vsphere_client::vim::types::{
    CustomizationAdapterMapping, CustomizationCloudinitPrep, CustomizationDhcpIpGenerator,
    CustomizationDhcpIpV6Generator, CustomizationFixedIp, CustomizationFixedIpV6, CustomizationFixedName,
    CustomizationGlobalIPSettings, CustomizationGuiRunOnce, CustomizationGuiUnattended,
    CustomizationIPSettings, CustomizationIPSettingsIpV6AddressSpec, CustomizationIdentification,
    CustomizationIdentitySettingsKind, CustomizationIpGeneratorKind, CustomizationIpV6GeneratorKind,
    CustomizationLinuxOptions, CustomizationLinuxPrep, CustomizationNameKind, CustomizationOptionsKind,
    CustomizationPassword, CustomizationSpec, CustomizationSysprep, CustomizationSysprepText,
    CustomizationUserData, CustomizationWinOptions,
};
use vsphere_client::vim::xml::Secret as WireSecret;

type M = CustomizationModel;

/// What vSphere takes for a plan. `config` has the write-only values, which a plan does not have.
pub(crate) fn spec(plan: &M, config: Option<&M>) -> CustomizationSpec {
    to_vim(&of(plan, config))
}

/// The specification in vSphere, in the spelling of a state. Passwords, which it returns only encrypted, are those of the state.
pub(crate) fn observed(spec: &CustomizationSpec, state: &M) -> M {
    tell(of_vim(spec), state)
}

fn text(v: &Value<String>) -> Option<String> {
    v.non_empty().cloned()
}

fn secret(v: &Value<Secret>) -> Option<Secret> {
    v.known().filter(|s| !s.expose().is_empty()).cloned()
}

fn password(v: &Value<Secret>) -> Password {
    secret(v).map_or(Password::None, Password::Plain)
}

fn length(v: &Value<i64>) -> u8 {
    u8::try_from(v.get()).unwrap_or_default()
}

/// An address with the length of its network's prefix.
fn network(text: &str) -> Option<(Ipv6Addr, u8)> {
    text.parse::<Ipv6Net>().ok().map(|n| (n.addr(), n.prefix_len()))
}

impl Interface {
    /// What a block says; gateways that no block says are not yet in it.
    pub(super) fn of(model: &InterfaceModel) -> Self {
        let first = parsed(&model.ipv6_address).map(|a: Ipv6Addr| (a, length(&model.ipv6_netmask)));
        let more = model.ipv6_addresses.known().into_iter().flatten().filter_map(|text| network(text));
        Self {
            ipv4: parsed(&model.ipv4_address).map(|a: Ipv4Addr| (a, length(&model.ipv4_netmask))),
            ipv6: first.into_iter().chain(more).collect(),
            dhcp6: model.dhcp6.get(),
            gateway4: parsed(&model.ipv4_gateway),
            gateway6: parsed(&model.ipv6_gateway),
            own: (model.ipv4_gateway.non_empty().is_some(), model.ipv6_gateway.non_empty().is_some()),
            dns_servers: model.dns_server_list.get(),
            dns_domain: text(&model.dns_domain),
        }
    }
}

fn cloudinit(m: &M) -> Option<&CloudinitOptionsModel> {
    m.cloudinit_options.first()
}

fn of(config: &M, written: Option<&M>) -> Customization {
    let first = |blocks: &Value<Vec<LinuxOptionsModel>>| blocks.known().and_then(|b| b.first().cloned());
    let identity = if let Some(linux) = first(&config.linux_options) {
        Identity::Linux(Linux {
            host_name: text(&linux.host_name),
            domain: linux.domain.as_str().to_owned(),
            time_zone: text(&linux.time_zone),
            utc: Some(linux.hw_clock_utc.known().copied().unwrap_or(true)),
            script: secret(&linux.script_text),
        })
    } else if let Some(options) = cloudinit(config) {
        let write_only = written.and_then(cloudinit).and_then(|c| secret(&c.userdata_wo));
        Identity::Cloudinit(Cloudinit {
            metadata: options.metadata.get(),
            userdata: secret(&options.userdata).or(write_only),
        })
    } else if let Some(windows) = config.windows_options.first() {
        Identity::Windows(Box::new(of_windows(windows)))
    } else {
        secret(&config.windows_sysprep_text).map_or(Identity::Other, Identity::Answers)
    };
    let mut interfaces: Vec<Interface> =
        config.network_interface.known().into_iter().flatten().map(Interface::of).collect();
    // A gateway without an interface was reported by the plan.
    place_gateways(&mut interfaces, parsed(&config.ipv4_gateway), parsed(&config.ipv6_gateway));
    Customization {
        identity,
        dns_servers: config.dns_server_list.get(),
        dns_suffixes: config.dns_suffix_list.get(),
        interfaces,
    }
}

fn of_windows(model: &WindowsOptionsModel) -> Windows {
    Windows {
        computer_name: text(&model.computer_name),
        full_name: model.full_name.as_str().to_owned(),
        organization: model.organization_name.as_str().to_owned(),
        product_key: secret(&model.product_key),
        admin_password: password(&model.admin_password),
        auto_logon: model.auto_logon.get(),
        auto_logon_count: model.auto_logon_count.get(),
        time_zone: model.time_zone.get(),
        run_once: model.run_once_command_list.get(),
        workgroup: text(&model.workgroup),
        domain: text(&model.join_domain),
        domain_user: text(&model.domain_admin_user),
        domain_password: password(&model.domain_admin_password),
        domain_ou: text(&model.domain_ou),
    }
}

fn wire(secret: &Secret) -> WireSecret {
    WireSecret::new(secret.expose())
}

fn fixed_name(name: Option<&String>) -> CustomizationNameKind {
    CustomizationFixedName { name: name.cloned().unwrap_or_default(), ..Default::default() }.into()
}

fn wire_password(password: &Password) -> Option<Box<CustomizationPassword>> {
    match password {
        Password::Plain(secret) => {
            Some(Box::new(CustomizationPassword { value: wire(secret), plain_text: true }))
        }
        Password::None | Password::Encrypted => None,
    }
}

fn to_vim(from: &Customization) -> CustomizationSpec {
    // Clones get a SID of their own; their accounts are those of the template.
    let windows =
        || CustomizationWinOptions { change_sid: true, delete_accounts: false, ..Default::default() };
    let (identity, options): (CustomizationIdentitySettingsKind, CustomizationOptionsKind) =
        match &from.identity {
            Identity::Linux(linux) => {
                let prep = CustomizationLinuxPrep {
                    host_name: fixed_name(linux.host_name.as_ref()),
                    domain: linux.domain.clone(),
                    time_zone: linux.time_zone.clone(),
                    hw_clock_utc: linux.utc,
                    script_text: linux.script.as_ref().map(wire),
                    ..Default::default()
                };
                (prep.into(), CustomizationLinuxOptions::default().into())
            }
            Identity::Cloudinit(cloud) => {
                let prep = CustomizationCloudinitPrep {
                    metadata: cloud.metadata.clone(),
                    userdata: cloud.userdata.as_ref().map(wire),
                    ..Default::default()
                };
                (prep.into(), CustomizationLinuxOptions::default().into())
            }
            Identity::Windows(options) => (sysprep(options).into(), windows().into()),
            Identity::Answers(answers) => {
                let text = CustomizationSysprepText { value: wire(answers), ..Default::default() };
                (text.into(), windows().into())
            }
            Identity::Other => Default::default(),
        };
    CustomizationSpec {
        options: Some(Box::new(options)),
        identity,
        global_ip_settings: CustomizationGlobalIPSettings {
            dns_suffix_list: from.dns_suffixes.clone(),
            dns_server_list: from.dns_servers.clone(),
        },
        nic_setting_map: from
            .interfaces
            .iter()
            .map(|i| CustomizationAdapterMapping { mac_address: None, adapter: adapter(i) })
            .collect(),
        ..Default::default()
    }
}

fn sysprep(from: &Windows) -> CustomizationSysprep {
    let number = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
    CustomizationSysprep {
        gui_unattended: CustomizationGuiUnattended {
            password: wire_password(&from.admin_password),
            time_zone: number(from.time_zone),
            auto_logon: from.auto_logon,
            auto_logon_count: number(from.auto_logon_count),
        },
        user_data: CustomizationUserData {
            full_name: from.full_name.clone(),
            org_name: from.organization.clone(),
            computer_name: fixed_name(from.computer_name.as_ref()),
            product_id: from.product_key.as_ref().map(wire).unwrap_or_default(),
        },
        gui_run_once: (!from.run_once.is_empty())
            .then(|| Box::new(CustomizationGuiRunOnce { command_list: from.run_once.clone() })),
        identification: CustomizationIdentification {
            join_workgroup: from.workgroup.clone(),
            join_domain: from.domain.clone(),
            domain_admin: from.domain_user.clone(),
            domain_admin_password: wire_password(&from.domain_password),
            domain_ou: from.domain_ou.clone(),
        },
        ..Default::default()
    }
}

fn adapter(from: &Interface) -> CustomizationIPSettings {
    let ipv4: CustomizationIpGeneratorKind = match from.ipv4 {
        Some((address, _)) => {
            CustomizationFixedIp { ip_address: address.to_string(), ..Default::default() }.into()
        }
        None => CustomizationDhcpIpGenerator::default().into(),
    };
    let fixed = |(address, length): &(Ipv6Addr, u8)| CustomizationFixedIpV6 {
        ip_address: address.to_string(),
        subnet_mask: (*length).into(),
        ..Default::default()
    };
    let mut ip: Vec<CustomizationIpV6GeneratorKind> =
        from.ipv6.iter().map(|network| fixed(network).into()).collect();
    ip.extend(from.dhcp6.then(|| CustomizationDhcpIpV6Generator::default().into()));
    let gateway = from.gateway6.iter().map(ToString::to_string).collect();
    let ipv6 = (!ip.is_empty()).then(|| Box::new(CustomizationIPSettingsIpV6AddressSpec { ip, gateway }));
    CustomizationIPSettings {
        ip: ipv4,
        subnet_mask: from.ipv4.map(|(_, length)| mask(length).to_string()),
        gateway: from.gateway4.iter().map(ToString::to_string).collect(),
        ip_v6_spec: ipv6,
        dns_server_list: from.dns_servers.clone(),
        dns_domain: from.dns_domain.clone(),
        ..Default::default()
    }
}

fn read_secret(from: &WireSecret) -> Option<Secret> {
    Some(from.expose()).filter(|t| !t.is_empty()).map(Secret::from)
}

fn read_name(from: &CustomizationNameKind) -> Option<String> {
    match from {
        CustomizationNameKind::CustomizationFixedName(n) => Some(n.name.clone()).filter(|n| !n.is_empty()),
        _ => None,
    }
}

fn read_password(from: Option<&CustomizationPassword>) -> Password {
    match from {
        None => Password::None,
        Some(p) if p.plain_text => read_secret(&p.value).map_or(Password::None, Password::Plain),
        Some(_) => Password::Encrypted,
    }
}

fn set(v: Option<&String>) -> Option<String> {
    v.filter(|t| !t.is_empty()).cloned()
}

fn of_vim(from: &CustomizationSpec) -> Customization {
    let identity = match &from.identity {
        CustomizationIdentitySettingsKind::CustomizationLinuxPrep(prep) => Identity::Linux(Linux {
            host_name: read_name(&prep.host_name),
            domain: prep.domain.clone(),
            time_zone: set(prep.time_zone.as_ref()),
            utc: prep.hw_clock_utc,
            script: prep.script_text.as_ref().and_then(read_secret),
        }),
        CustomizationIdentitySettingsKind::CustomizationCloudinitPrep(prep) => {
            Identity::Cloudinit(Cloudinit {
                metadata: prep.metadata.clone(),
                userdata: prep.userdata.as_ref().and_then(read_secret),
            })
        }
        CustomizationIdentitySettingsKind::CustomizationSysprep(prep) => {
            let who = &prep.identification;
            Identity::Windows(Box::new(Windows {
                computer_name: read_name(&prep.user_data.computer_name),
                full_name: prep.user_data.full_name.clone(),
                organization: prep.user_data.org_name.clone(),
                product_key: read_secret(&prep.user_data.product_id),
                admin_password: read_password(prep.gui_unattended.password.as_deref()),
                auto_logon: prep.gui_unattended.auto_logon,
                auto_logon_count: prep.gui_unattended.auto_logon_count.into(),
                time_zone: prep.gui_unattended.time_zone.into(),
                run_once: prep.gui_run_once.as_ref().map(|r| r.command_list.clone()).unwrap_or_default(),
                workgroup: set(who.join_workgroup.as_ref()),
                domain: set(who.join_domain.as_ref()),
                domain_user: set(who.domain_admin.as_ref()),
                domain_password: read_password(who.domain_admin_password.as_deref()),
                domain_ou: set(who.domain_ou.as_ref()),
            }))
        }
        CustomizationIdentitySettingsKind::CustomizationSysprepText(text) => {
            read_secret(&text.value).map_or(Identity::Other, Identity::Answers)
        }
        _ => Identity::Other,
    };
    Customization {
        identity,
        dns_servers: from.global_ip_settings.dns_server_list.clone(),
        dns_suffixes: from.global_ip_settings.dns_suffix_list.clone(),
        interfaces: from.nic_setting_map.iter().map(|m| read_adapter(&m.adapter)).collect(),
    }
}

fn read_adapter(from: &CustomizationIPSettings) -> Interface {
    let ipv4 = match &from.ip {
        CustomizationIpGeneratorKind::CustomizationFixedIp(fixed) => fixed.ip_address.parse().ok(),
        _ => None,
    };
    let length = from.subnet_mask.as_deref().and_then(|m| prefix_length(m.parse().ok()?)).unwrap_or_default();
    let spec = from.ip_v6_spec.as_deref();
    let generators = || spec.into_iter().flat_map(|s| &s.ip);
    let ipv6 = generators().filter_map(|ip| match ip {
        CustomizationIpV6GeneratorKind::CustomizationFixedIpV6(fixed) => {
            Some((fixed.ip_address.parse().ok()?, u8::try_from(fixed.subnet_mask).ok()?))
        }
        _ => None,
    });
    let by_dhcp = |ip: &CustomizationIpV6GeneratorKind| {
        matches!(ip, CustomizationIpV6GeneratorKind::CustomizationDhcpIpV6Generator(_))
    };
    Interface {
        ipv4: ipv4.map(|a| (a, length)),
        ipv6: ipv6.collect(),
        dhcp6: generators().any(by_dhcp),
        own: (false, false),
        gateway4: from.gateway.iter().find_map(|g| g.parse().ok()),
        gateway6: spec.into_iter().flat_map(|s| &s.gateway).find_map(|g| g.parse().ok()),
        dns_servers: from.dns_server_list.clone(),
        dns_domain: set(from.dns_domain.as_ref()),
    }
}

/// The value in vSphere, or the state's form of an absent one.
fn observe<T: Clone + PartialEq + Default>(now: Option<T>, state: &Value<T>) -> Value<T> {
    match (now, state) {
        (Some(now), _) => Value::Known(now),
        (None, Value::Known(zero)) if *zero == T::default() => state.clone(),
        (None, _) => Value::Null,
    }
}

/// As [`observe`], for lists.
fn list<T: Clone + PartialEq>(now: Vec<T>, state: &Value<Vec<T>>) -> Value<Vec<T>> {
    observe(Some(now).filter(|n| !n.is_empty()), state)
}

/// As [`observe`], for a text that is parsed: another spelling of the same value is not a difference.
fn address<A: FromStr + PartialEq + ToString>(now: Option<A>, state: &Value<String>) -> Value<String> {
    match now {
        Some(now) if parsed::<A>(state).is_some_and(|s| s == now) => state.clone(),
        now => observe(now.map(|n| n.to_string()), state),
    }
}

fn tell_password(now: Password, state: &Value<Secret>) -> Value<Secret> {
    match now {
        Password::Encrypted => state.clone(),
        Password::Plain(secret) => secret.into(),
        Password::None => observe(None, state),
    }
}

fn tell(now: Customization, state: &M) -> M {
    let (mut linux, mut clouds, mut windows, mut answers) = (vec![], vec![], vec![], None);
    match now.identity {
        Identity::Cloudinit(c) => clouds.push(tell_cloudinit(c, cloudinit(state))),
        Identity::Linux(l) => linux.push(tell_linux(l, state.linux_options.first())),
        Identity::Windows(w) => {
            windows.push(tell_windows(*w, state.windows_options.first()));
        }
        Identity::Answers(text) => answers = Some(text),
        Identity::Other => {}
    }
    let blocks = state.network_interface.known().map_or(&[][..], Vec::as_slice);
    let empty = InterfaceModel::default();
    let said: Vec<(bool, bool)> = blocks.iter().map(|b| Interface::of(b).own).collect();
    let (shared4, own4) = shared(&now.interfaces, &said, true);
    let (shared6, own6) = shared(&now.interfaces, &said, false);
    let unused = {
        let mut interfaces: Vec<Interface> = blocks.iter().map(Interface::of).collect();
        place_gateways(&mut interfaces, parsed(&state.ipv4_gateway), parsed(&state.ipv6_gateway))
    };
    let interfaces = now.interfaces.into_iter().enumerate();
    let interfaces = interfaces
        .map(|(i, n)| tell_interface(n, (own4[i], own6[i]), blocks.get(i).unwrap_or(&empty)))
        .collect();
    M {
        cloudinit_options: list(clouds, &state.cloudinit_options),
        dns_server_list: list(now.dns_servers, &state.dns_server_list),
        dns_suffix_list: list(now.dns_suffixes, &state.dns_suffix_list),
        // One that no interface took was never sent, so that it cannot be missing.
        ipv4_gateway: match shared4 {
            None if unused.iter().any(IpAddr::is_ipv4) => state.ipv4_gateway.clone(),
            now => address(now, &state.ipv4_gateway),
        },
        ipv6_gateway: match shared6 {
            None if unused.iter().any(IpAddr::is_ipv6) => state.ipv6_gateway.clone(),
            now => address(now, &state.ipv6_gateway),
        },
        linux_options: list(linux, &state.linux_options),
        network_interface: list(interfaces, &state.network_interface),
        windows_options: list(windows, &state.windows_options),
        windows_sysprep_text: observe(answers, &state.windows_sysprep_text),
    }
}

/// The gateway of one version for all interfaces, and for each interface whether it says its own. What the first one has that
/// says none is that of all, if it is also the one that gets it.
fn shared(now: &[Interface], said: &[(bool, bool)], v4: bool) -> (Option<IpAddr>, Vec<bool>) {
    let of = |i: usize| if v4 { now[i].gateway4.map(IpAddr::V4) } else { now[i].gateway6.map(IpAddr::V6) };
    let said = |i: usize| said.get(i).is_some_and(|own| if v4 { own.0 } else { own.1 });
    let mut own: Vec<bool> = (0..now.len()).map(said).collect();
    for candidate in 0..now.len() {
        let Some(gateway) = of(candidate).filter(|_| !own[candidate]) else { continue };
        let gets = (0..now.len()).find(|&i| !own[i] && now[i].reaches(gateway));
        if gets != Some(candidate) {
            own[candidate] = true;
            continue;
        }
        for (i, own) in own.iter_mut().enumerate() {
            *own |= i != candidate && of(i).is_some();
        }
        return (Some(gateway), own);
    }
    (None, own)
}

/// The gateway of an interface that says its own.
fn gateway<A: FromStr + PartialEq + ToString>(
    now: Option<A>,
    is_own: bool,
    state: &Value<String>,
) -> Value<String> {
    match (now, state.non_empty()) {
        _ if !is_own => observe(None, state),
        (None, Some(text)) if text != NO_GATEWAY => Value::Null,
        (None, _) => NO_GATEWAY.into(),
        (now, _) => address(now, state),
    }
}

fn tell_interface(now: Interface, own: (bool, bool), state: &InterfaceModel) -> InterfaceModel {
    let number = |n: u8, state: &Value<i64>| observe(Some(i64::from(n)).filter(|n| *n != 0), state);
    // A length without an address says nothing, and stays as it is written.
    let (ipv4_address, ipv4_netmask) = match now.ipv4 {
        None => (address::<Ipv4Addr>(None, &state.ipv4_address), state.ipv4_netmask),
        Some((a, n)) => (address(Some(a), &state.ipv4_address), number(n, &state.ipv4_netmask)),
    };
    let mut more = now.ipv6;
    let listed = state.ipv6_addresses.known().map_or(&[][..], Vec::as_slice);
    let in_list = state.ipv6_address.as_str().is_empty() && !listed.is_empty();
    let first = (!in_list && !more.is_empty()).then(|| more.remove(0));
    let (ipv6_address, ipv6_netmask) = match first {
        None => (address::<Ipv6Addr>(None, &state.ipv6_address), state.ipv6_netmask),
        Some((a, n)) => (address(Some(a), &state.ipv6_address), number(n, &state.ipv6_netmask)),
    };
    let spelled = |(i, now): (usize, (Ipv6Addr, u8))| match listed.get(i) {
        Some(text) if network(text) == Some(now) => text.clone(),
        _ => format!("{}/{}", now.0, now.1),
    };
    InterfaceModel {
        dhcp6: observe(now.dhcp6.then_some(true), &state.dhcp6),
        ipv4_gateway: gateway(now.gateway4, own.0, &state.ipv4_gateway),
        ipv6_gateway: gateway(now.gateway6, own.1, &state.ipv6_gateway),
        ipv6_addresses: list(more.into_iter().enumerate().map(spelled).collect(), &state.ipv6_addresses),
        dns_domain: observe(now.dns_domain, &state.dns_domain),
        dns_server_list: list(now.dns_servers, &state.dns_server_list),
        ipv4_address,
        ipv4_netmask,
        ipv6_address,
        ipv6_netmask,
    }
}

fn tell_cloudinit(now: Cloudinit, state: Option<&CloudinitOptionsModel>) -> CloudinitOptionsModel {
    let state = state.cloned().unwrap_or_default();
    CloudinitOptionsModel {
        metadata: now.metadata.into(),
        // The user data of an import may be write-only in the configuration, and must not be stored then.
        userdata: match (now.userdata, state.userdata.known()) {
            (Some(data), Some(_)) => data.into(),
            _ => state.userdata.clone(),
        },
        userdata_wo: Value::Null,
        userdata_wo_version: state.userdata_wo_version,
    }
}

fn tell_linux(now: Linux, state: Option<&LinuxOptionsModel>) -> LinuxOptionsModel {
    let state = state.cloned().unwrap_or_default();
    LinuxOptionsModel {
        domain: now.domain.into(),
        host_name: observe(now.host_name, &state.host_name),
        // Not said: the official provider sends nothing for false, and has false in its state.
        hw_clock_utc: match now.utc {
            None if state.hw_clock_utc.known() == Some(&false) => false.into(),
            utc => utc.unwrap_or(true).into(),
        },
        script_text: observe(now.script, &state.script_text),
        time_zone: observe(now.time_zone, &state.time_zone),
    }
}

fn tell_windows(now: Windows, state: Option<&WindowsOptionsModel>) -> WindowsOptionsModel {
    let state = state.cloned().unwrap_or_default();
    WindowsOptionsModel {
        admin_password: tell_password(now.admin_password, &state.admin_password),
        auto_logon: observe(Some(now.auto_logon).filter(|on| *on), &state.auto_logon),
        auto_logon_count: now.auto_logon_count.into(),
        computer_name: observe(now.computer_name, &state.computer_name),
        domain_admin_password: tell_password(now.domain_password, &state.domain_admin_password),
        domain_admin_user: observe(now.domain_user, &state.domain_admin_user),
        domain_ou: observe(now.domain_ou, &state.domain_ou),
        full_name: now.full_name.into(),
        join_domain: observe(now.domain, &state.join_domain),
        organization_name: now.organization.into(),
        product_key: observe(now.product_key, &state.product_key),
        run_once_command_list: list(now.run_once, &state.run_once_command_list),
        time_zone: now.time_zone.into(),
        workgroup: observe(now.workgroup, &state.workgroup),
    }
}
