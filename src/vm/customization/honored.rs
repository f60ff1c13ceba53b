//! Which settings of a guest's network each bootstrap provider applies, by the tables of VM Operator.
use super::{CustomizationModel, InterfaceModel};
use tf_framework::{AttributePath, Diagnostics, Value};

type M = CustomizationModel;

/// What sets a guest up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    CloudInit,
    LinuxPrep,
    Sysprep,
}

/// A setting of the guest's network.
#[allow(dead_code, reason = "the tables are complete: most settings are part of the blocks of the providers")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    HostName,
    DomainName,
    Nameservers,
    SearchDomains,
    GuestDeviceName,
    Addresses,
    Dhcp4,
    Dhcp6,
    Gateway4,
    Gateway6,
    Mtu,
    InterfaceNameservers,
    Routes,
    InterfaceSearchDomains,
}

/// Whether a bootstrap provider applies a setting. Sysprep gets the name servers and the domain of each interface from vSphere
/// (`CustomizationIPSettings.dnsServerList` and `dnsDomain`), and the search domains of all
/// (`CustomizationGlobalIPSettings.dnsSuffixList`: "applies to both Windows and Linux guest customization"), which VM Operator
/// does not list.
pub(super) fn honors(provider: Provider, setting: Setting) -> bool {
    use Setting as S;
    match (provider, setting) {
        (Provider::CloudInit, _) => true,
        (_, S::GuestDeviceName | S::Mtu | S::Routes) => false,
        (Provider::LinuxPrep, S::InterfaceNameservers | S::InterfaceSearchDomains) => false,
        (Provider::Sysprep, S::Nameservers) => false,
        _ => true,
    }
}

impl Provider {
    fn of(config: &M) -> Option<Self> {
        if config.linux_options.non_empty().is_some() {
            Some(Self::LinuxPrep)
        } else if config.cloudinit_options.non_empty().is_some() {
            Some(Self::CloudInit)
        } else {
            let answers = config.windows_sysprep_text.known().is_some_and(|t| !t.expose().is_empty());
            (answers || config.windows_options.non_empty().is_some()).then_some(Self::Sysprep)
        }
    }
}

/// The settings of a customization that its bootstrap provider may not apply, with the argument to use instead.
fn declared(config: &M, at: &AttributePath) -> Vec<(Setting, AttributePath, &'static str, &'static str)> {
    let any = |list: &Value<Vec<String>>| list.non_empty().is_some();
    let of_each = "`dns_server_list` in `network_interface`";
    let mut out = vec![];
    if any(&config.dns_server_list) {
        let at = at.clone().field(M::DNS_SERVER_LIST);
        out.push((Setting::Nameservers, at, M::DNS_SERVER_LIST.0, of_each));
    }
    for (i, interface) in config.network_interface.known().into_iter().flatten().enumerate() {
        let of = |field| at.clone().field(M::NETWORK_INTERFACE).index(i).field(field);
        if any(&interface.dns_server_list) {
            let field = InterfaceModel::DNS_SERVER_LIST;
            let instead = "`dns_server_list` of the customization";
            out.push((Setting::InterfaceNameservers, of(field), field.0, instead));
        }
        if interface.dns_domain.non_empty().is_some() {
            let field = InterfaceModel::DNS_DOMAIN;
            let instead = "`domain` in `linux_options` and `dns_suffix_list`";
            out.push((Setting::InterfaceSearchDomains, of(field), field.0, instead));
        }
    }
    out
}

/// Warns of the settings that the guest of a customization does not get. Pure.
pub(crate) fn ignored(config: &M, at: &AttributePath) -> Diagnostics {
    let mut out = Diagnostics::default();
    let Some(provider) = Provider::of(config) else { return out };
    let guest = if provider == Provider::Sysprep { "Windows (Sysprep)" } else { "Linux (LinuxPrep)" };
    for (setting, at, name, instead) in declared(config, at) {
        if honors(provider, setting) {
            continue;
        }
        let why = match provider {
            Provider::Sysprep => "which has DNS settings for each network interface",
            _ => "which has the same DNS settings for all network interfaces",
        };
        let detail =
            format!("`{name}` is not applied to a guest with {guest}, {why}. Set {instead} instead.");
        out.merge(Diagnostics::warning(at, format!("`{name}` is not used"), detail));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{CloudinitOptionsModel, LinuxOptionsModel, WindowsOptionsModel};
    use super::*;
    use tf_framework::{Model as _, Secret};

    /// The two tables of VM Operator: each field with cloud-init, LinuxPrep and Sysprep.
    const TABLES: [(&str, Setting, [bool; 3]); 14] = [
        ("hostName", Setting::HostName, [true, true, true]),
        ("domainName", Setting::DomainName, [true, true, true]),
        ("nameservers", Setting::Nameservers, [true, true, false]),
        ("searchDomains", Setting::SearchDomains, [true, true, false]),
        ("interfaces[].guestDeviceName", Setting::GuestDeviceName, [true, false, false]),
        ("interfaces[].addresses", Setting::Addresses, [true, true, true]),
        ("interfaces[].dhcp4", Setting::Dhcp4, [true, true, true]),
        ("interfaces[].dhcp6", Setting::Dhcp6, [true, true, true]),
        ("interfaces[].gateway4", Setting::Gateway4, [true, true, true]),
        ("interfaces[].gateway6", Setting::Gateway6, [true, true, true]),
        ("interfaces[].mtu", Setting::Mtu, [true, false, false]),
        ("interfaces[].nameservers", Setting::InterfaceNameservers, [true, false, false]),
        ("interfaces[].routes", Setting::Routes, [true, false, false]),
        ("interfaces[].searchDomains", Setting::InterfaceSearchDomains, [true, false, false]),
    ];

    /// What vSphere applies beyond the tables (`CustomizationIPSettings` and `CustomizationGlobalIPSettings` of the vSphere API).
    const BEYOND: [(Provider, Setting); 3] = [
        (Provider::Sysprep, Setting::SearchDomains),
        (Provider::Sysprep, Setting::InterfaceNameservers),
        (Provider::Sysprep, Setting::InterfaceSearchDomains),
    ];

    fn of(provider: Provider) -> M {
        let mut m = M::default();
        match provider {
            Provider::CloudInit => m.cloudinit_options = vec![CloudinitOptionsModel::default()].into(),
            Provider::LinuxPrep => m.linux_options = vec![LinuxOptionsModel::default()].into(),
            Provider::Sysprep => m.windows_options = vec![WindowsOptionsModel::default()].into(),
        }
        m
    }

    /// A customization with one setting, if there is an argument for it.
    fn with(provider: Provider, setting: Setting) -> Option<M> {
        let m = of(provider);
        let texts = |text: &str| Value::Known(vec![text.to_owned()]);
        let nic = |nic: InterfaceModel| M { network_interface: vec![nic].into(), ..m.clone() };
        let address =
            InterfaceModel { ipv4_address: "10.0.0.5".into(), ipv4_netmask: 24.into(), ..Default::default() };
        let v6 = InterfaceModel { dhcp6: true.into(), ..Default::default() };
        Some(match setting {
            // The blocks of the providers have these.
            Setting::HostName | Setting::DomainName => m,
            Setting::Nameservers => M { dns_server_list: texts("10.0.0.2"), ..m },
            Setting::SearchDomains => M { dns_suffix_list: texts("example.com"), ..m },
            Setting::Addresses => nic(address),
            Setting::Dhcp4 => nic(InterfaceModel::default()),
            Setting::Dhcp6 => nic(v6),
            Setting::Gateway4 => nic(InterfaceModel { ipv4_gateway: "10.0.0.1".into(), ..address }),
            Setting::Gateway6 => nic(InterfaceModel { ipv6_gateway: "fe80::1".into(), ..v6 }),
            Setting::InterfaceNameservers => {
                nic(InterfaceModel { dns_server_list: texts("10.0.0.2"), ..Default::default() })
            }
            Setting::InterfaceSearchDomains => {
                nic(InterfaceModel { dns_domain: "example.com".into(), ..Default::default() })
            }
            Setting::GuestDeviceName | Setting::Mtu | Setting::Routes => return None,
        })
    }

    #[test]
    fn settings_are_applied_as_in_the_tables_of_vm_operator() {
        let at = AttributePath::root().name("customize").index(0);
        for (field, setting, cells) in TABLES {
            let providers = [Provider::CloudInit, Provider::LinuxPrep, Provider::Sysprep];
            for (provider, cell) in providers.into_iter().zip(cells) {
                let expected = cell || BEYOND.contains(&(provider, setting));
                assert_eq!(honors(provider, setting), expected, "{field} with {provider:?}");
                match with(provider, setting) {
                    Some(config) => {
                        let warnings = ignored(&config, &at);
                        assert_eq!(warnings.is_empty(), expected, "{field} with {provider:?}: {warnings}");
                        assert!(!warnings.has_errors(), "{warnings}");
                    }
                    // Only the metadata of cloud-init has it: a block rejects it as an unknown argument.
                    None => {
                        assert_eq!(cells, [true, false, false], "{field}");
                        let names: Vec<_> =
                            InterfaceModel::block().attributes.iter().map(|a| a.name).collect();
                        assert!(["name", "mtu", "routes"].iter().all(|n| !names.contains(n)), "{names:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn warnings_name_the_argument_to_use() {
        let at = AttributePath::root().name("customize").index(0);
        let answers = M {
            windows_sysprep_text: Secret::from("<xml/>").into(),
            windows_options: Value::Null,
            ..with(Provider::Sysprep, Setting::Nameservers).unwrap()
        };
        let message = ignored(&answers, &at).to_string();
        assert!(message.contains("warning at customize[0].dns_server_list"), "{message}");
        assert!(message.contains("`dns_server_list` in `network_interface`"), "{message}");
        let linux = with(Provider::LinuxPrep, Setting::InterfaceNameservers).unwrap();
        let message = ignored(&linux, &at).to_string();
        assert!(message.contains("customize[0].network_interface[0].dns_server_list"), "{message}");
        assert!(message.contains("of the customization"), "{message}");
        // Without an identity, nothing is known of the guest.
        assert!(
            ignored(&M { dns_server_list: vec!["10.0.0.2".to_owned()].into(), ..M::default() }, &at)
                .is_empty()
        );
    }
}
