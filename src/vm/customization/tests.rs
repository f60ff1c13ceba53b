use super::*;
use proptest::prelude::*;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Model as _};
use vsphere_client::ApiVersion;
use vsphere_client::vim::types::{
    CustomizationIdentitySettingsKind as Id, CustomizationIpGeneratorKind as Ip,
    CustomizationIpV6GeneratorKind as Ip6, CustomizationOptionsKind, CustomizationPassword,
    CustomizationSpec,
};

type M = CustomizationModel;

/// What the user must not see of it.
const PASSWORD: &str = "hunter2-hunter2";

fn spec(config: &M) -> CustomizationSpec {
    super::spec(config, None)
}

fn cloudinit(edit: impl Fn(&mut CloudinitOptionsModel)) -> M {
    let mut options = CloudinitOptionsModel { metadata: "instance-id: i-1".into(), ..Default::default() };
    edit(&mut options);
    M { cloudinit_options: vec![options].into(), ..M::default() }
}

fn linux() -> M {
    let options = LinuxOptionsModel {
        host_name: "web-1".into(),
        domain: "example.com".into(),
        hw_clock_utc: true.into(),
        ..Default::default()
    };
    M { linux_options: vec![options].into(), ..Default::default() }
}

fn windows() -> M {
    let options = WindowsOptionsModel {
        computer_name: "web-1".into(),
        admin_password: Secret::from(PASSWORD).into(),
        domain_admin_password: Secret::from(PASSWORD).into(),
        domain_admin_user: "joiner".into(),
        join_domain: "example.com".into(),
        product_key: Secret::from(PASSWORD).into(),
        full_name: "Administrator".into(),
        organization_name: "Managed by Terraform".into(),
        time_zone: 85.into(),
        auto_logon_count: 1.into(),
        ..Default::default()
    };
    M { windows_options: vec![options].into(), ..Default::default() }
}

fn nic(ipv4: &str, length: i64) -> InterfaceModel {
    InterfaceModel { ipv4_address: ipv4.into(), ipv4_netmask: length.into(), ..Default::default() }
}

fn nic6(ipv6: &str, length: i64) -> InterfaceModel {
    InterfaceModel { ipv6_address: ipv6.into(), ipv6_netmask: length.into(), ..Default::default() }
}

fn at() -> AttributePath {
    AttributePath::root().name("spec").index(0)
}

fn with_gateway(gateway: &str, nic: InterfaceModel) -> InterfaceModel {
    InterfaceModel { ipv4_gateway: gateway.into(), ..nic }
}

/// All diagnostics of a configuration: those of the schema's checks, and the others.
fn reported(config: &M) -> Diagnostics {
    let (block, value) = (M::block(), config.write());
    let mut out = tf_framework::validate::config(&block, &value);
    out.merge(tf_framework::validate::forms(&block, &value, Dynamic::null()));
    out.merge(validate(config, &at()));
    out
}

fn with_linux(config: M, change: impl FnOnce(&mut LinuxOptionsModel)) -> M {
    let mut options = config.linux_options.get();
    if let Some(first) = options.first_mut() {
        change(first);
    }
    M { linux_options: options.into(), ..config }
}

fn with_windows(config: M, change: impl FnOnce(&mut WindowsOptionsModel)) -> M {
    let mut options = config.windows_options.get();
    if let Some(first) = options.first_mut() {
        change(first);
    }
    M { windows_options: options.into(), ..config }
}

fn host(name: &str) -> M {
    with_linux(linux(), |l| l.host_name = name.into())
}

fn zone(name: &str) -> M {
    with_linux(linux(), |l| l.time_zone = name.into())
}

fn computer(name: &str) -> M {
    with_windows(windows(), |w| w.computer_name = name.into())
}

fn interfaces(nics: Vec<InterfaceModel>) -> M {
    M { network_interface: nics.into(), ..linux() }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn problems_are_reported_at_their_attribute() {
    let both = M { windows_options: windows().windows_options, ..linux() };
    let text = M { windows_sysprep_text: Secret::from(PASSWORD).into(), ..linux() };
    let gateway = |nics: Vec<InterfaceModel>, gateway: &str| match gateway.contains(':') {
        false => M { ipv4_gateway: gateway.into(), ..interfaces(nics) },
        true => M { ipv6_gateway: gateway.into(), ..interfaces(nics) },
    };
    // Nothing: it is right. Otherwise severity, path and a part of the sentence.
    for (n, (config, expected)) in [
        (linux(), None),
        (windows(), None),
        (M { windows_sysprep_text: Secret::from(PASSWORD).into(), ..M::default() }, None),
        (M { linux_options: Value::Unknown, ..M::default() }, None),
        (M { network_interface: Value::Unknown, ipv4_gateway: "10.0.0.1".into(), ..linux() }, None),
        (M::default(), Some(("error at spec[0]", "Exactly one of"))),
        (both, Some(("error at spec[0]", "there are 2"))),
        (text, Some(("error at spec[0]", "there are 2"))),
        (host("web"), None),
        (host("1"), None),
        (host(""), Some(("spec[0].linux_options[0].host_name", "empty"))),
        (host("-web"), Some(("spec[0].linux_options[0].host_name", "hyphen"))),
        (host("web 1"), Some(("spec[0].linux_options[0].host_name", "' '"))),
        (host(&"x".repeat(64)), Some(("spec[0].linux_options[0].host_name", "64 characters"))),
        (host("web_1"), Some(("warning at spec[0].linux_options[0].host_name", "underscore"))),
        (
            host("web.example.com"),
            Some(("warning at spec[0].linux_options[0].host_name", "domain = \"example.com\"")),
        ),
        (host("web..com"), Some(("error at spec[0].linux_options[0].host_name", "empty"))),
        (with_linux(linux(), |l| l.domain = "example".into()), None),
        (with_linux(linux(), |l| l.domain = "example.com.".into()), None),
        (with_linux(linux(), |l| l.domain = "exam ple.com".into()), Some(("linux_options[0].domain", "' '"))),
        (with_linux(linux(), |l| l.domain = "a..b".into()), Some(("linux_options[0].domain", "empty"))),
        (zone("UTC"), None),
        (zone("Europe/Berlin"), None),
        (zone("America/Argentina/Buenos_Aires"), None),
        (zone("Etc/GMT+5"), None),
        (zone("EST5EDT"), None),
        (zone("110"), Some(("linux_options[0].time_zone", "index of Windows"))),
        (zone("europe/berlin"), Some(("linux_options[0].time_zone", "capital"))),
        (zone("W. Europe Standard Time"), Some(("linux_options[0].time_zone", "Europe/Berlin"))),
        (computer("web-1"), None),
        (computer("a-name-of-16-chr"), Some(("windows_options[0].computer_name", "first 15"))),
        (computer("12345"), Some(("windows_options[0].computer_name", "digits only"))),
        (computer("web.local"), Some(("windows_options[0].computer_name", "join_domain"))),
        (computer("web 1"), Some(("windows_options[0].computer_name", "' '"))),
        (computer(""), Some(("windows_options[0].computer_name", "empty"))),
        (
            with_windows(windows(), |w| w.domain_admin_user = Value::Null),
            Some(("spec[0].windows_options[0].domain_admin_user", "is needed")),
        ),
        (
            with_windows(windows(), |w| w.domain_admin_password = Secret::from("").into()),
            Some(("spec[0].windows_options[0].domain_admin_password", "is needed")),
        ),
        (with_windows(windows(), |w| w.domain_admin_password = Value::Unknown), None),
        (
            with_windows(windows(), |w| w.workgroup = "office".into()),
            Some(("spec[0].windows_options[0].workgroup", "domain or of a workgroup")),
        ),
        (with_windows(windows(), |w| w.workgroup = "".into()), None),
        (
            with_windows(windows(), |w| w.time_zone = (-1).into()),
            Some(("windows_options[0].time_zone", "at least 0")),
        ),
        (interfaces(vec![nic("10.0.0.5", 24)]), None),
        (interfaces(vec![InterfaceModel::default()]), None),
        (interfaces(vec![nic("", 24)]), None),
        (interfaces(vec![nic("10.0.0.5", 0)]), Some(("spec[0].network_interface[0].ipv4_netmask", "prefix"))),
        (
            interfaces(vec![nic("10.0.0.5", 33)]),
            Some(("network_interface[0].ipv4_netmask", "between 0 and 32")),
        ),
        (interfaces(vec![nic("10.0.0.5/24", 24)]), Some(("network_interface[0].ipv4_address", "of its own"))),
        (interfaces(vec![nic("fd00::5", 24)]), Some(("network_interface[0].ipv4_address", "other version"))),
        (interfaces(vec![nic("10.0.0.256", 24)]), Some(("network_interface[0].ipv4_address", "10.0.0.5"))),
        (
            interfaces(vec![InterfaceModel::default(), nic6("fd00::5", 0)]),
            Some(("spec[0].network_interface[1].ipv6_netmask", "ipv6_netmask = 64")),
        ),
        (
            interfaces(vec![nic6("fd00::5", 129)]),
            Some(("network_interface[0].ipv6_netmask", "between 0 and 128")),
        ),
        (gateway(vec![nic("10.0.0.5", 24)], "10.0.0.1"), None),
        (
            gateway(vec![nic("10.0.0.5", 24)], "10.0.1.1"),
            Some(("warning at spec[0].ipv4_gateway", "10.0.1.1")),
        ),
        (
            gateway(vec![InterfaceModel::default()], "10.0.1.1"),
            Some(("warning at spec[0].ipv4_gateway", "DHCP")),
        ),
        (gateway(vec![nic6("fd00::5", 64)], "fe80::1"), None),
        // An interface that reaches the gateway may use one of its own, or none.
        (gateway(vec![with_gateway("10.0.0.1", nic("10.0.0.5", 24))], "10.0.0.1"), None),
        (gateway(vec![with_gateway("10.0.0.2", nic("10.0.0.5", 24))], "10.0.0.1"), None),
        (gateway(vec![with_gateway("None", nic("10.0.0.5", 24))], "10.0.0.1"), None),
        // Of two gateways, the one outside is reported.
        (
            gateway(vec![with_gateway("10.0.1.1", nic("10.0.0.5", 24))], "10.0.0.1"),
            Some(("warning at spec[0].network_interface[0].ipv4_gateway", "10.0.1.1")),
        ),
        // What is unknown of one version leaves the other alone.
        (
            gateway(
                vec![InterfaceModel { ipv6_addresses: Value::Unknown, ..nic("10.0.0.5", 24) }],
                "10.0.1.1",
            ),
            Some(("warning at spec[0].ipv4_gateway", "10.0.1.1")),
        ),
        (
            gateway(
                vec![nic("", 0), InterfaceModel { ipv4_address: Value::Unknown, ..nic("", 24) }],
                "10.0.1.1",
            ),
            None,
        ),
        (gateway(vec![nic6("fd00::5", 64)], "fd01::1"), Some(("warning at spec[0].ipv6_gateway", "fd01::1"))),
        (gateway(vec![], "gateway"), Some(("ipv4_gateway", "\"gateway\""))),
        (interfaces(vec![with_gateway("10.0.0.1", nic("10.0.0.5", 24))]), None),
        (interfaces(vec![with_gateway("None", nic("10.0.0.5", 24))]), None),
        (interfaces(vec![with_gateway("None", nic("", 0))]), None),
        (interfaces(vec![with_gateway("203.0.113.1", nic("10.0.0.5", 32))]), None),
        (
            interfaces(vec![with_gateway("none", nic("10.0.0.5", 24))]),
            Some(("network_interface[0].ipv4_gateway", "or \"None\"")),
        ),
        (
            interfaces(vec![with_gateway("fd00::1", nic("10.0.0.5", 24))]),
            Some(("network_interface[0].ipv4_gateway", "other version")),
        ),
        (
            interfaces(vec![with_gateway("10.0.0.1", nic("", 0))]),
            Some(("error at spec[0].network_interface[0].ipv4_gateway", "requires `ipv4_address`")),
        ),
        (
            interfaces(vec![with_gateway("10.0.1.1", nic("10.0.0.5", 24))]),
            Some(("warning at spec[0].network_interface[0].ipv4_gateway", "not in the IPv4 network of this")),
        ),
        (
            interfaces(vec![InterfaceModel { ipv6_gateway: "fe80::1".into(), ..nic("10.0.0.5", 24) }]),
            Some(("error at spec[0].network_interface[0].ipv6_gateway", "or `dhcp6`")),
        ),
        (
            interfaces(vec![InterfaceModel { ipv6_gateway: "fd01::1".into(), ..nic6("fd00::5", 64) }]),
            Some(("warning at spec[0].network_interface[0].ipv6_gateway", "fd01::1")),
        ),
        (
            interfaces(vec![InterfaceModel {
                ipv6_gateway: "fe80::1".into(),
                dhcp6: true.into(),
                ..Default::default()
            }]),
            None,
        ),
        (
            interfaces(vec![InterfaceModel {
                ipv4_gateway: "10.0.0.1".into(),
                ipv4_address: Value::Unknown,
                ..Default::default()
            }]),
            None,
        ),
        (
            interfaces(vec![InterfaceModel {
                ipv6_addresses: vec!["fd00::6".to_owned()].into(),
                ..Default::default()
            }]),
            Some(("network_interface[0].ipv6_addresses[0]", "fd00::6/64")),
        ),
        (
            M {
                dns_server_list: vec!["10.0.0.53".to_owned(), "ns.example.com".to_owned()].into(),
                ..linux()
            },
            Some(("dns_server_list[1]", "ns.example.com")),
        ),
        (
            M { dns_suffix_list: vec!["example,com".to_owned()].into(), ..linux() },
            Some(("dns_suffix_list[0]", "','")),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let message = reported(&config).to_string();
        assert!(!message.contains(PASSWORD), "{message}");
        match expected {
            None => assert!(message.is_empty(), "case {n}: {message}"),
            Some((at, part)) => {
                assert!(message.contains(at) && message.contains(part), "case {n}: {message}")
            }
        }
    }
}

#[test]
fn a_wrong_number_of_interfaces_is_reported_with_both_numbers() {
    let two = interfaces(vec![InterfaceModel::default(), InterfaceModel::default()]);
    assert!(validate_nics(&two, 2, &at()).is_empty());
    let message = validate_nics(&two, 1, &at()).to_string();
    assert!(
        message.contains("2 `network_interface` blocks") && message.contains("has 1 network"),
        "{message}"
    );
    assert!(message.contains("at spec[0].network_interface"), "{message}");
    assert!(validate_nics(&linux(), 1, &at()).has_errors());
    let unknown = M { network_interface: Value::Unknown, ..linux() };
    assert!(validate_nics(&unknown, 1, &at()).is_empty());
}

#[test]
fn what_an_old_server_lacks_is_reported() {
    let script = with_linux(linux(), |l| l.script_text = Secret::from(PASSWORD).into());
    let unit = with_windows(windows(), |w| w.domain_ou = "OU=web".into());
    for (config, version, wrong) in [
        (linux(), [6, 7, 0, 0], false),
        (script.clone(), [6, 7, 3, 0], true),
        (script, [7, 0, 0, 0], false),
        (unit.clone(), [8, 0, 1, 0], true),
        (unit, [8, 0, 2, 0], false),
    ] {
        let problems = needs(&config, ApiVersion::new(version), &at());
        assert_eq!(problems.has_errors(), wrong, "{problems}");
    }
}

#[test]
fn no_secret_is_printed() {
    let script = with_linux(linux(), |l| l.script_text = Secret::from(PASSWORD).into());
    let text = M { windows_sysprep_text: Secret::from(PASSWORD).into(), ..M::default() };
    for config in [script, windows(), text] {
        for printed in [format!("{config:?}"), format!("{:?}", spec(&config)), reported(&config).to_string()]
        {
            assert!(!printed.contains(PASSWORD), "{printed}");
        }
    }
    let secret: Vec<String> = names(&M::block(), "");
    let expected = [
        "windows_sysprep_text",
        "cloudinit_options.userdata",
        "cloudinit_options.userdata_wo",
        "linux_options.script_text",
        "windows_options.admin_password",
        "windows_options.domain_admin_password",
        "windows_options.product_key",
    ];
    assert_eq!(secret, expected);
}

/// The attributes that are marked as secret.
fn names(block: &tf_framework::Block, above: &str) -> Vec<String> {
    let own = block.attributes.iter().filter(|a| a.sensitive).map(|a| format!("{above}{}", a.name));
    let nested = block.blocks.iter().flat_map(|b| names(&b.block, &format!("{above}{}.", b.name)));
    own.chain(nested).collect()
}

#[test]
fn linux_becomes_what_vsphere_takes() {
    let config = M {
        network_interface: vec![InterfaceModel::default(), nic("10.0.1.5", 25), nic6("fd00::5", 64)].into(),
        ipv4_gateway: "10.0.1.1".into(),
        ipv6_gateway: "fd00::1".into(),
        dns_server_list: vec!["10.0.0.53".to_owned()].into(),
        dns_suffix_list: vec!["example.com".to_owned()].into(),
        ..with_linux(linux(), |l| {
            l.time_zone = "Europe/Berlin".into();
            l.script_text = Secret::from("#!/bin/sh").into();
        })
    };
    let spec = spec(&config);
    let Id::CustomizationLinuxPrep(prep) = &spec.identity else { panic!("{spec:?}") };
    assert_eq!(prep.domain, "example.com");
    assert_eq!(prep.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(prep.hw_clock_utc, Some(true));
    assert_eq!(prep.script_text.as_ref().map(|s| s.expose()), Some("#!/bin/sh"));
    assert!(matches!(spec.options.as_deref(), Some(CustomizationOptionsKind::CustomizationLinuxOptions(_))));
    assert_eq!(spec.global_ip_settings.dns_server_list, ["10.0.0.53"]);
    assert_eq!(spec.global_ip_settings.dns_suffix_list, ["example.com"]);
    let adapters: Vec<_> = spec.nic_setting_map.iter().map(|m| &m.adapter).collect();
    assert!(matches!(adapters[0].ip, Ip::CustomizationDhcpIpGenerator(_)));
    assert_eq!((&adapters[0].subnet_mask, adapters[0].gateway.len()), (&None, 0));
    assert!(matches!(&adapters[1].ip, Ip::CustomizationFixedIp(f) if f.ip_address == "10.0.1.5"));
    assert_eq!(adapters[1].subnet_mask.as_deref(), Some("255.255.255.128"));
    assert_eq!(adapters[1].gateway, ["10.0.1.1"]);
    assert!(matches!(adapters[2].ip, Ip::CustomizationDhcpIpGenerator(_)));
    let ipv6 = adapters[2].ip_v6_spec.as_deref();
    assert_eq!(ipv6.map(|s| s.gateway.clone()), Some(vec!["fd00::1".to_owned()]));
}

#[test]
fn windows_becomes_what_vsphere_takes() {
    let config = with_windows(windows(), |w| {
        w.run_once_command_list = vec!["cmd".to_owned()].into();
        w.auto_logon = true.into();
    });
    let made = spec(&config);
    let Id::CustomizationSysprep(prep) = &made.identity else { panic!("{made:?}") };
    assert_eq!((prep.gui_unattended.time_zone, prep.gui_unattended.auto_logon_count), (85, 1));
    assert!(prep.gui_unattended.auto_logon);
    let plain = |p: &Option<Box<CustomizationPassword>>| {
        p.as_ref().map(|p| (p.value.expose().to_owned(), p.plain_text))
    };
    assert_eq!(plain(&prep.gui_unattended.password), Some((PASSWORD.to_owned(), true)));
    assert_eq!(plain(&prep.identification.domain_admin_password), Some((PASSWORD.to_owned(), true)));
    assert_eq!(prep.identification.join_domain.as_deref(), Some("example.com"));
    assert_eq!(prep.identification.join_workgroup, None);
    assert_eq!(prep.user_data.product_id.expose(), PASSWORD);
    assert_eq!(prep.gui_run_once.as_ref().map(|r| r.command_list.len()), Some(1));
    assert!(
        matches!(made.options.as_deref(), Some(CustomizationOptionsKind::CustomizationWinOptions(o)) if o.change_sid)
    );
    let text = M { windows_sysprep_text: Secret::from("<xml/>").into(), ..M::default() };
    assert!(matches!(spec(&text).identity, Id::CustomizationSysprepText(t) if t.value.expose() == "<xml/>"));
}

#[test]
fn encrypted_passwords_are_those_of_the_state() {
    let config = windows();
    let mut kept = spec(&config);
    if let Id::CustomizationSysprep(prep) = &mut kept.identity {
        let encrypted = || {
            let value = vsphere_client::vim::xml::Secret::new("0123");
            Some(Box::new(CustomizationPassword { value, plain_text: false }))
        };
        prep.gui_unattended.password = encrypted();
        prep.identification.domain_admin_password = encrypted();
    }
    assert_eq!(observed(&kept, &config), config);
    let imported = observed(&kept, &M::default());
    let options = imported.windows_options.get();
    assert!(options[0].admin_password.is_null() && options[0].domain_admin_password.is_null());
    // A password that was removed outside Terraform is removed from the state.
    if let Id::CustomizationSysprep(prep) = &mut kept.identity {
        prep.gui_unattended.password = None;
    }
    assert!(observed(&kept, &config).windows_options.get()[0].admin_password.is_null());
}

#[test]
fn words_of_the_state_are_kept() {
    let config = M {
        network_interface: vec![nic6("FD00:0::5", 64), nic("", 24), InterfaceModel::default()].into(),
        ipv6_gateway: "FD00::0001".into(),
        // Never sent, since no interface has its network.
        ipv4_gateway: "10.0.0.1".into(),
        dns_suffix_list: vec![].into(),
        ..linux()
    };
    assert_eq!(observed(&spec(&config), &config), config);
    // The second one gets another address outside Terraform.
    let mut changed = spec(&config);
    changed.nic_setting_map[1] = spec(&interfaces(vec![nic("10.1.0.5", 16)])).nic_setting_map.remove(0);
    let seen = observed(&changed, &config).network_interface.get();
    assert_eq!((seen[1].ipv4_address.as_str(), seen[1].ipv4_netmask.get()), ("10.1.0.5", 16));
}

fn texts(pattern: &'static str) -> impl Strategy<Value = Value<String>> {
    prop_oneof![Just(Value::Null), pattern.prop_map(Value::Known)]
}

fn any_nic() -> impl Strategy<Value = InterfaceModel> {
    let dns = prop::option::of(prop::collection::vec("10\\.0\\.0\\.[1-9]", 0..3));
    let more = prop::option::of(prop::collection::vec("fd01:[1-9]::6/(64|65)", 1..3));
    let gateways = (texts("None|10\\.0\\.[1-9]\\.1"), texts("None|fd00:[1-9]::1|fe80::1"));
    let ipv4 = prop::option::of((1u8..9, 1i64..33));
    let ipv6 = (prop::option::of((1u16..9, 1i64..129)), more, any::<bool>());
    (ipv4, ipv6, gateways, dns, texts("[a-z]{1,5}")).prop_map(
        |(ipv4, (ipv6, more, dhcp6), (gateway4, gateway6), dns, domain)| {
            let has6 = ipv6.is_some() || more.is_some() || dhcp6;
            InterfaceModel {
                ipv4_address: ipv4.map(|(a, _)| format!("10.0.{a}.5")).into(),
                ipv4_netmask: ipv4.map(|(_, n)| n).into(),
                ipv4_gateway: if ipv4.is_some() { gateway4 } else { Value::Null },
                ipv6_address: ipv6.map(|(a, _)| format!("fd00:{a}::5")).into(),
                ipv6_netmask: ipv6.map(|(_, n)| n).into(),
                ipv6_addresses: more.into(),
                ipv6_gateway: if has6 { gateway6 } else { Value::Null },
                dhcp6: dhcp6.then_some(true).into(),
                dns_server_list: dns.into(),
                dns_domain: domain,
            }
        },
    )
}

#[test]
fn an_interface_has_its_own_gateways_and_several_addresses() {
    let own = |gateway: &str| InterfaceModel { ipv4_gateway: gateway.into(), ..nic("10.0.0.5", 24) };
    let many = InterfaceModel {
        ipv6_addresses: vec!["fd00::6/64".to_owned(), "FD00::7/64".to_owned()].into(),
        dhcp6: true.into(),
        ipv6_gateway: "fe80::1".into(),
        ..nic6("fd00::5", 64)
    };
    let config = M {
        ipv4_gateway: "10.0.0.1".into(),
        ..interfaces(vec![own("None"), own("10.0.0.254"), nic("10.0.0.7", 24), many])
    };
    let made = spec(&config);
    let gateways: Vec<_> = made.nic_setting_map.iter().map(|m| m.adapter.gateway.clone()).collect();
    let list = |g: &str| vec![g.to_owned()];
    assert_eq!(gateways, [vec![], list("10.0.0.254"), list("10.0.0.1"), vec![]]);
    let ipv6 = made.nic_setting_map[3].adapter.ip_v6_spec.as_deref().unwrap();
    assert_eq!(ipv6.gateway, ["fe80::1"]);
    let fixed: Vec<_> = (ipv6.ip.iter())
        .map(|ip| match ip {
            Ip6::CustomizationFixedIpV6(f) => format!("{}/{}", f.ip_address, f.subnet_mask),
            Ip6::CustomizationDhcpIpV6Generator(_) => "dhcp".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(fixed, ["fd00::5/64", "fd00::6/64", "fd00::7/64", "dhcp"]);
    assert_eq!(observed(&made, &config), config);
    // All addresses in the list.
    let listed = InterfaceModel {
        ipv6_addresses: vec!["fd00::6/64".to_owned(), "fd00::7/64".to_owned()].into(),
        ..InterfaceModel::default()
    };
    let config = interfaces(vec![listed]);
    assert_eq!(observed(&spec(&config), &config), config);
    // A gateway that was changed outside Terraform is that of the interface.
    let before = interfaces(vec![own("10.0.0.254"), own("None")]);
    let mut changed = spec(&before);
    changed.nic_setting_map[0].adapter.gateway = list("10.0.0.253");
    changed.nic_setting_map[1].adapter.gateway = list("10.0.0.252");
    let seen = observed(&changed, &before);
    let words: Vec<_> = seen.network_interface.get().iter().map(|i| i.ipv4_gateway.get()).collect();
    assert_eq!((words, seen.ipv4_gateway), (vec!["10.0.0.253".into(), "10.0.0.252".into()], Value::Null));
}

#[test]
fn cloudinit_data_is_sent_and_a_write_only_value_is_not_stored() {
    let data = |spec: &CustomizationSpec| match &spec.identity {
        Id::CustomizationCloudinitPrep(prep) => {
            (prep.metadata.clone(), prep.userdata.as_ref().map(|d| d.expose().to_owned()))
        }
        other => panic!("{other:?}"),
    };
    let plain = cloudinit(|c| c.userdata = Secret::from(PASSWORD).into());
    let sent = ("instance-id: i-1".to_owned(), Some(PASSWORD.to_owned()));
    assert_eq!(data(&spec(&plain)), sent);
    assert_eq!(observed(&spec(&plain), &plain), plain);
    assert_eq!(observed(&spec(&plain), &M::default()), cloudinit(|_| {}));
    let changed = cloudinit(|c| c.userdata = Secret::from("other").into());
    assert_eq!(observed(&spec(&changed), &plain), changed);
    // A plan does not have the write-only value.
    let config = cloudinit(|c| {
        c.userdata_wo = Secret::from(PASSWORD).into();
        c.userdata_wo_version = 1.into();
    });
    let plan = cloudinit(|c| c.userdata_wo_version = 1.into());
    let made = super::spec(&plan, Some(&config));
    assert_eq!(data(&made), sent);
    assert_eq!(observed(&made, &plan), plan);
    for printed in [format!("{config:?}"), format!("{made:?}"), reported(&plain).to_string()] {
        assert!(!printed.contains(PASSWORD), "{printed}");
    }
}

#[test]
fn cloudinit_data_is_checked() {
    let long = "x".repeat(524_289);
    for (text, is) in [("{}", true), ("", false), (&long[1..], true), (&long, false)] {
        let found = check::cloudinit_data(&Dynamic::from(text));
        assert_eq!(found.is_ok(), is, "{} bytes", text.len());
        assert!(found.err().is_none_or(|why| !why.contains("xx")));
    }
    let both = cloudinit(|c| {
        c.userdata = Secret::from("a").into();
        c.userdata_wo = Secret::from("b").into();
    });
    let at_fields: Vec<_> = reported(&both).0.into_iter().map(|d| d.at.to_string()).collect();
    let path = |field: &str| format!("spec[0].cloudinit_options[0].{field}");
    assert_eq!(at_fields, [path("userdata_wo"), path("userdata_wo_version")]);
    let plain = cloudinit(|_| {});
    // The metadata has the network configuration: interfaces can be left out.
    assert!(validate_nics(&plain, 2, &at()).is_empty());
    assert!(
        validate_nics(&M { network_interface: vec![nic("", 0)].into(), ..plain.clone() }, 2, &at())
            .has_errors()
    );
    for (version, old) in [([7, 0, 2, 0], true), ([7, 0, 3, 0], false)] {
        assert_eq!(needs(&plain, ApiVersion::new(version), &at()).has_errors(), old);
    }
}

fn any_model() -> impl Strategy<Value = M> {
    let nics = prop::collection::vec(any_nic(), 0..4);
    let secret = |v: Value<String>| v.map(Secret::from);
    let identity =
        (0..3, texts("[a-z]{1,9}"), texts("[a-z]{1,9}"), texts("[a-z]{1,9}"), any::<bool>(), 0i64..200);
    (nics, identity, texts("10\\.0\\.[1-9]\\.1"), texts("fd00:[1-9]::1")).prop_map(
        move |(nics, (which, a, b, c, on, n), ipv4, ipv6)| {
            let mut model = match which {
                0 => with_linux(linux(), |l| {
                    l.script_text = secret(a);
                    l.time_zone = b;
                    l.hw_clock_utc = on.into();
                }),
                1 => with_windows(windows(), |w| {
                    w.admin_password = secret(a);
                    w.workgroup = b;
                    w.domain_ou = c;
                    w.auto_logon = on.then_some(true).into();
                    w.time_zone = n.into();
                }),
                _ => M { windows_sysprep_text: Secret::from("<xml/>").into(), ..M::default() },
            };
            model.network_interface = nics.into();
            model.ipv4_gateway = ipv4;
            model.ipv6_gateway = ipv6;
            model
        },
    )
}

#[test]
fn a_clock_that_is_not_said_is_what_the_state_says() {
    // The official provider sends nothing for `hw_clock_utc = false`.
    let with = |utc: bool| with_linux(linux(), |l| l.hw_clock_utc = utc.into());
    let mut sent = spec(&with(true));
    if let Id::CustomizationLinuxPrep(prep) = &mut sent.identity {
        prep.hw_clock_utc = None;
    }
    assert_eq!(observed(&sent, &with(false)), with(false));
    assert_eq!(observed(&sent, &with(true)), with(true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sent_comes_back_in_the_same_words(config in any_model()) {
        let sent = spec(&config);
        prop_assert_eq!(&observed(&sent, &config), &config);
        // An import does not have the configuration's spelling, and is equal.
        let imported = observed(&sent, &M::default());
        prop_assert_eq!(spec(&imported), sent);
    }

    #[test]
    fn a_gateway_is_on_one_interface_at_most(config in any_model()) {
        let sent = spec(&config);
        let blocks = config.network_interface.get();
        let shared = sent.nic_setting_map.iter().zip(&blocks).filter(|(_, b)| b.ipv4_gateway.is_null());
        let with = shared.filter(|(m, _)| !m.adapter.gateway.is_empty()).count();
        prop_assert!(with <= 1);
        let unused = validate(&config, &at()).0.iter().any(|d| d.at.to_string() == "spec[0].ipv4_gateway");
        let reaching = blocks.iter().filter(|b| config.ipv4_gateway.known().is_some_and(|g| {
            g.parse().is_ok_and(|g| plain::Interface::of(b).reaches(g))
        }));
        let (own, free): (Vec<_>, Vec<_>) = reaching.partition(|b| !b.ipv4_gateway.is_null());
        prop_assert_eq!(with == 1, !free.is_empty());
        prop_assert_eq!(unused, !config.ipv4_gateway.is_null() && own.is_empty() && free.is_empty());
    }

    #[test]
    fn no_check_fails_on_odd_texts(text in "\\PC{0,40}") {
        let v = Dynamic::from(text.as_str());
        let _ = (check::address(&v), check::domain(&v), check::computer_name(&v), check::linux_time_zone(&v));
        let _ = reported(&host(&text));
    }
}
