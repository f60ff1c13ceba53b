//! A customization as plain values, and where its gateways go.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tf_framework::Secret;

/// For which kind of guest it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
}

impl Family {
    /// The family of a guest operating system by its ID (`ubuntu64Guest`); `None` if it cannot
    /// be derived.
    pub(crate) fn of_guest(id: &str) -> Option<Self> {
        const LINUX: [&str; 18] = [
            "almalinux",
            "amazonlinux",
            "asianux",
            "centos",
            "coreos",
            "crxPod",
            "crxSys",
            "debian",
            "fedora",
            "mandr",
            "miraclelinux",
            "opensuse",
            "oracleLinux",
            "rhel",
            "rockylinux",
            "sles",
            "ubuntu",
            "vmwarePhoton",
        ];
        let linux = LINUX.iter().any(|l| id.starts_with(l)) || id.contains("Linux") || id.contains("linux");
        match id {
            _ if id.starts_with("win") => Some(Self::Windows),
            _ if linux || id.starts_with("redhat") || id.starts_with("suse") => Some(Self::Linux),
            _ => None,
        }
    }
}

/// A customization.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Customization {
    pub(super) identity: Identity,
    pub(super) dns_servers: Vec<String>,
    pub(super) dns_suffixes: Vec<String>,
    pub(super) interfaces: Vec<Interface>,
}

/// Who the guest becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Identity {
    Linux(Linux),
    Cloudinit(Cloudinit),
    Windows(Box<Windows>),
    /// A Windows guest with an answer file.
    Answers(Secret),
    /// Something that these blocks do not have.
    Other,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Linux {
    /// Nothing where it is not fixed.
    pub(super) host_name: Option<String>,
    pub(super) domain: String,
    pub(super) time_zone: Option<String>,
    pub(super) utc: Option<bool>,
    pub(super) script: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Cloudinit {
    pub(super) metadata: String,
    pub(super) userdata: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Windows {
    /// Nothing where it is not fixed.
    pub(super) computer_name: Option<String>,
    pub(super) full_name: String,
    pub(super) organization: String,
    pub(super) product_key: Option<Secret>,
    pub(super) admin_password: Password,
    pub(super) auto_logon: bool,
    pub(super) auto_logon_count: i64,
    pub(super) time_zone: i64,
    pub(super) run_once: Vec<String>,
    pub(super) workgroup: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) domain_user: Option<String>,
    pub(super) domain_password: Password,
    pub(super) domain_ou: Option<String>,
}

/// A password, which a server returns only encrypted.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Password {
    #[default]
    None,
    Plain(Secret),
    Encrypted,
}

/// A network interface; without an IPv4 address it asks DHCP.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Interface {
    pub(super) ipv4: Option<(Ipv4Addr, u8)>,
    pub(super) ipv6: Vec<(Ipv6Addr, u8)>,
    pub(super) dhcp6: bool,
    pub(super) gateway4: Option<Ipv4Addr>,
    pub(super) gateway6: Option<Ipv6Addr>,
    /// Whether it says itself which gateways it has, for IPv4 and IPv6: then it gets no other.
    pub(super) own: (bool, bool),
    pub(super) dns_servers: Vec<String>,
    pub(super) dns_domain: Option<String>,
}

impl Interface {
    /// Whether a gateway is reached from it.
    pub(super) fn reaches(&self, gateway: IpAddr) -> bool {
        match gateway {
            IpAddr::V4(g) => self.ipv4.is_some_and(|(a, n)| same_network4(a, g, n)),
            IpAddr::V6(g) => self.ipv6.iter().any(|(a, n)| is_link_local(g) || same_network6(*a, g, *n)),
        }
    }

    /// Whether a gateway goes to it, of those that no interface says.
    fn takes(&self, gateway: IpAddr) -> bool {
        !(if gateway.is_ipv4() { self.own.0 } else { self.own.1 }) && self.reaches(gateway)
    }

    /// The gateways of its own that are in none of its networks. With a network of one address, any gateway is outside.
    pub(super) fn outside(&self) -> Vec<IpAddr> {
        let single = self.ipv4.is_some_and(|(_, n)| n == 32);
        let v4 = self.gateway4.filter(|_| self.own.0 && self.ipv4.is_some() && !single).map(IpAddr::V4);
        let v6 = self.gateway6.filter(|_| self.own.1 && !self.ipv6.is_empty()).map(IpAddr::V6);
        v4.into_iter().chain(v6).filter(|g| !self.reaches(*g)).collect()
    }
}

/// Puts each gateway on the first interface from which it is reached. Returns those for which there is none.
pub(super) fn place_gateways(
    interfaces: &mut [Interface],
    ipv4: Option<Ipv4Addr>,
    ipv6: Option<Ipv6Addr>,
) -> Vec<IpAddr> {
    let mut left = vec![];
    if let Some(gateway) = ipv4 {
        match interfaces.iter_mut().find(|i| i.takes(gateway.into())) {
            Some(interface) => interface.gateway4 = Some(gateway),
            None => left.push(gateway.into()),
        }
    }
    if let Some(gateway) = ipv6 {
        match interfaces.iter_mut().find(|i| i.takes(gateway.into())) {
            Some(interface) => interface.gateway6 = Some(gateway),
            None => left.push(gateway.into()),
        }
    }
    left
}

fn is_link_local(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xffc0 == 0xfe80
}

fn same_network4(a: Ipv4Addr, b: Ipv4Addr, length: u8) -> bool {
    let rest = 32u32.saturating_sub(length.into());
    (a.to_bits() ^ b.to_bits()).checked_shr(rest).unwrap_or(0) == 0
}

fn same_network6(a: Ipv6Addr, b: Ipv6Addr, length: u8) -> bool {
    let rest = 128u32.saturating_sub(length.into());
    (a.to_bits() ^ b.to_bits()).checked_shr(rest).unwrap_or(0) == 0
}

/// The mask of a prefix length: 255.255.255.0 of 24.
pub(super) fn mask(length: u8) -> Ipv4Addr {
    let rest = 32u32.saturating_sub(length.into());
    Ipv4Addr::from_bits(u32::MAX.checked_shl(rest).unwrap_or(0))
}

/// The prefix length of a mask; nothing for one that has gaps.
pub(super) fn prefix_length(mask: Ipv4Addr) -> Option<u8> {
    let bits = mask.to_bits();
    let ones = bits.leading_ones();
    (bits.count_ones() == ones).then(|| u8::try_from(ones).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(ipv4: Option<(&str, u8)>, ipv6: Option<(&str, u8)>) -> Interface {
        Interface {
            ipv4: ipv4.and_then(|(a, n)| Some((a.parse().ok()?, n))),
            ipv6: ipv6.into_iter().filter_map(|(a, n)| Some((a.parse().ok()?, n))).collect(),
            ..Default::default()
        }
    }

    #[test]
    fn a_gateway_goes_to_the_first_interface_whose_network_has_it() {
        let interfaces = [
            interface(None, None),
            interface(Some(("10.0.0.5", 24)), None),
            interface(Some(("10.0.1.5", 24)), Some(("fd00::5", 64))),
            interface(Some(("10.0.1.6", 16)), Some(("fd01::5", 64))),
        ];
        for (gateway, at) in [
            ("10.0.0.1", Some(1)),
            ("10.0.1.1", Some(2)),
            ("10.0.2.1", Some(3)),
            ("10.1.0.1", None),
            ("fd00::1", Some(2)),
            ("fd01::1", Some(3)),
            ("fe80::1", Some(2)),
            ("fd02::1", None),
        ] {
            let mut placed = interfaces.clone();
            let left = match gateway.parse::<IpAddr>() {
                Ok(IpAddr::V4(g)) => place_gateways(&mut placed, Some(g), None),
                Ok(IpAddr::V6(g)) => place_gateways(&mut placed, None, Some(g)),
                Err(e) => panic!("{gateway}: {e}"),
            };
            let found = placed.iter().position(|i| i.gateway4.is_some() || i.gateway6.is_some());
            assert_eq!(found, at, "{gateway}");
            assert_eq!(left.is_empty(), at.is_some(), "{gateway}");
        }
    }

    #[test]
    fn masks_and_lengths_are_the_same() {
        for (length, text) in
            [(0, "0.0.0.0"), (8, "255.0.0.0"), (25, "255.255.255.128"), (32, "255.255.255.255")]
        {
            assert_eq!(mask(length).to_string(), text);
        }
        for length in 0..=32 {
            assert_eq!(prefix_length(mask(length)), Some(length));
        }
        assert_eq!(prefix_length(Ipv4Addr::new(255, 0, 255, 0)), None);
    }

    #[test]
    fn the_family_of_a_guest_follows_from_its_id() {
        for (id, family) in [
            ("ubuntu64Guest", Some(Family::Linux)),
            ("rhel9_64Guest", Some(Family::Linux)),
            ("other5xLinux64Guest", Some(Family::Linux)),
            ("vmwarePhoton64Guest", Some(Family::Linux)),
            ("windows2022srvNext_64Guest", Some(Family::Windows)),
            ("winNetEnterpriseGuest", Some(Family::Windows)),
            ("otherGuest64", None),
            ("darwin21_64Guest", None),
            ("freebsd13_64Guest", None),
        ] {
            assert_eq!(Family::of_guest(id), family, "{id}");
        }
    }
}
