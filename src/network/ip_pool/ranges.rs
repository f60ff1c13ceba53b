//! The addresses of IP pools: subnets and ranges, as numbers. Pure.
use std::net::IpAddr;

/// The version of the Internet Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Version {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Version::V4 => "IPv4",
            Version::V6 => "IPv6",
        }
    }
}

/// An address as a number.
///
/// # Errors
/// That the text is not an address of the version.
pub fn address(text: &str, version: Version) -> Result<u128, String> {
    match (text.trim().parse::<IpAddr>(), version) {
        (Ok(IpAddr::V4(ip)), Version::V4) => Ok(u128::from(u32::from(ip))),
        (Ok(IpAddr::V6(ip)), Version::V6) => Ok(u128::from(ip)),
        _ => Err(format!("{text:?} is not an {} address.", version.name())),
    }
}

/// A network mask as a number.
///
/// # Errors
/// That the text is not a mask, in which all ones are at the beginning.
pub fn mask(text: &str, version: Version) -> Result<u128, String> {
    let number = address(text, version)?;
    match text.trim().parse().map(ipnet::ip_mask_to_prefix) {
        Ok(Ok(_)) => Ok(number),
        _ => Err(format!("{text:?} is not an {} network mask.", version.name())),
    }
}

/// Some addresses that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The first one.
    pub first: u128,
    /// The last one.
    pub last: u128,
}

/// The ranges of a text such as `192.0.2.10#20, 192.0.2.50#5`: a first address, and a number of addresses.
///
/// # Errors
/// What is wrong with the text.
pub fn ranges(text: &str, version: Version) -> Result<Vec<Range>, String> {
    let one = |part: &str| -> Result<Range, String> {
        let form =
            || format!("{part:?} is not a range. Expected a first address, \"#\" and a number of addresses.");
        let (first, count) = part.split_once('#').ok_or_else(form)?;
        let first = address(first, version)?;
        let count: u128 = count.trim().parse().ok().filter(|n| *n > 0).ok_or_else(form)?;
        let last = first.checked_add(count - 1).ok_or_else(form)?;
        Ok(Range { first, last })
    };
    text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(one).collect()
}

/// Whether two texts have the same ranges, in any order.
pub fn same(a: &str, b: &str) -> bool {
    let sorted = |text: &str| {
        let version = if text.contains(':') { Version::V6 } else { Version::V4 };
        let mut ranges = ranges(text, version).ok()?;
        ranges.sort();
        Some(ranges)
    };
    a == b || sorted(a).is_some_and(|x| sorted(b) == Some(x))
}

/// What is wrong with ranges in a subnet: one that is not in it, one that has the gateway, and two that overlap.
pub fn problem(ranges: &[Range], subnet: u128, mask: u128, gateway: Option<u128>) -> Option<&'static str> {
    let outside = |r: &Range| r.first & mask != subnet & mask || r.last & mask != subnet & mask;
    let with_gateway = |r: &Range| gateway.is_some_and(|g| r.first <= g && g <= r.last);
    let mut sorted = ranges.to_vec();
    sorted.sort();
    if ranges.iter().any(outside) {
        Some("A range must be in the subnet.")
    } else if ranges.iter().any(with_gateway) {
        Some("A range must not contain the gateway.")
    } else if sorted.windows(2).any(|w| w[0].last >= w[1].first) {
        Some("Ranges must not overlap.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_begin_with_ones() {
        for text in ["255.255.255.0", "0.0.0.0", "255.255.255.255"] {
            assert!(mask(text, Version::V4).is_ok(), "{text}");
        }
        for text in ["255.0.255.0", "10.10.10.255", "ffff::", "24"] {
            assert!(mask(text, Version::V4).is_err(), "{text}");
        }
        assert!(mask("ffff:ffff:ffff::", Version::V6).is_ok() && mask("ffff::1", Version::V6).is_err());
    }

    #[test]
    fn ranges_are_counted_from_their_first_address() {
        let found = ranges("10.0.0.10 # 20, 10.0.0.50#1", Version::V4).unwrap();
        assert_eq!(found[0].last - found[0].first, 19);
        assert_eq!(found[1].first, found[1].last);
        for text in ["10.0.0.10", "10.0.0.10#0", "10.0.0.10#-1", "10.0.0.10#x", "::1#2", "a#1"] {
            assert!(ranges(text, Version::V4).is_err(), "{text}");
        }
        assert!(same("10.0.0.10 # 20,10.0.0.50#1", "10.0.0.50#1, 10.0.0.10#20"));
        assert!(!same("10.0.0.10#20", "10.0.0.10#21"));
    }

    #[test]
    fn ranges_are_in_the_subnet_and_apart() {
        let n = |text: &str| address(text, Version::V4).unwrap();
        let check = |text: &str| {
            let found = ranges(text, Version::V4).unwrap();
            problem(&found, n("10.0.0.0"), n("255.255.255.0"), Some(n("10.0.0.1"))).unwrap_or_default()
        };
        assert_eq!(check("10.0.0.10#20, 10.0.0.50#5"), "");
        assert!(check("10.0.1.10#20").contains("subnet") && check("10.0.0.250#20").contains("subnet"));
        assert!(check("10.0.0.1#20").contains("gateway"));
        assert!(check("10.0.0.10#20, 10.0.0.29#5").contains("overlap"));
    }

    proptest! {
        #[test]
        fn order_and_blanks_do_not_matter(mut parts in prop::collection::vec((any::<u32>(), 1u32..100), 1..5)) {
            let text = |parts: &[(u32, u32)], separator: &str| {
                let one = |(first, count): &(u32, u32)| format!("{}#{count}", std::net::Ipv4Addr::from(*first));
                parts.iter().map(one).collect::<Vec<_>>().join(separator)
            };
            let before = text(&parts, ",");
            parts.reverse();
            prop_assert!(same(&before, &text(&parts, " , ")));
        }
    }
}
