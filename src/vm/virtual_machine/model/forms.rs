//! Checks and spellings of values.
use crate::common::names;
use tf_framework::Dynamic;
use uuid::Uuid;
use vsphere_client::virtual_machine::AddressFilter;

/// A check for sizes of memory.
pub(in crate::vm) fn memory(v: &Dynamic) -> Result<(), String> {
    match v {
        // Too small values are reported by the limit.
        Dynamic::Int(n) if n % 4 != 0 && *n > 4 => {
            Err(format!("{n} is not a multiple of 4 MiB; {} is.", (n / 4 * 4).saturating_add(4)))
        }
        _ => Ok(()),
    }
}

/// The spelling that vSphere uses; nothing for another text.
pub(in crate::vm::virtual_machine) fn canonical_uuid(text: &str) -> Option<String> {
    let is_plain = text.len() == 32 || text.len() == 36;
    Uuid::try_parse(text).ok().filter(|_| is_plain).map(|uuid| uuid.hyphenated().to_string())
}

/// A check: the form of a UUID.
///
/// # Errors
/// Another text.
pub(super) fn uuid(v: &Dynamic) -> Result<(), String> {
    match v.as_str() {
        Some(text) if canonical_uuid(text).is_none() => Err(format!(
            "{text:?} is not a UUID. Expected 32 hexadecimal digits, such as \"4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47\"."
        )),
        _ => Ok(()),
    }
}

/// Two spellings of one UUID.
pub(super) fn same_uuid(a: &Dynamic, b: &Dynamic) -> bool {
    let plain = |v: &Dynamic| v.as_str().and_then(canonical_uuid);
    plain(a).is_some_and(|a| Some(a) == plain(b))
}

/// A MAC address as vSphere writes it.
pub(in crate::vm::virtual_machine) fn plain_mac(text: &str) -> String {
    text.replace('-', ":").to_lowercase()
}

/// A check for names of network interfaces.
pub(super) fn interface_name(v: &Dynamic) -> Result<(), String> {
    let name = v.as_str().unwrap_or_default();
    if name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "{name:?} has whitespace or control characters. Expected a name, such as \"eth0\"."
        ));
    }
    Ok(())
}

/// Two spellings of one address.
pub(super) fn same_mac(a: &Dynamic, b: &Dynamic) -> bool {
    let plain = |v: &Dynamic| v.as_str().map(plain_mac);
    plain(a).is_some() && plain(a) == plain(b)
}

/// A check for names of CD-ROM drives.
///
/// # Errors
/// It has another.
pub(super) fn drive_name(v: &Dynamic) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    match v.as_str() {
        Some(text) if !text.is_empty() && (text.len() < 2 || !text.chars().all(plain)) => {
            Err(format!("Expected at least two lowercase letters or digits, such as \"cd1\", not {text:?}."))
        }
        _ => Ok(()),
    }
}

/// A check for addresses and networks.
pub(super) fn addresses(v: &Dynamic) -> Result<(), String> {
    let texts = v.items().iter().filter_map(Dynamic::as_str);
    AddressFilter::new(texts).map(drop).map_err(|bad| {
        format!(
            "{bad:?} is neither an address, such as \"10.0.0.5\", nor a network, such as \"172.17.0.0/16\"."
        )
    })
}

/// Two spellings of one folder: of its names, or the inventory path, `/dc1/vm/team`, for `team`.
pub(in crate::vm) fn same_folder(a: &Dynamic, b: &Dynamic) -> bool {
    let parts = |v: &Dynamic| Some(names::resolved(v.as_str()?));
    let (Some(a), Some(b)) = (parts(a), parts(b)) else { return false };
    let (long, short) = if a.len() > b.len() { (a, b) } else { (b, a) };
    match long.strip_suffix(short.as_slice()) {
        Some([]) => true,
        Some([_, .., last]) => last == "vm",
        _ => false,
    }
}

/// A check: components and reasons are not empty.
///
/// # Errors
/// One that is.
pub(super) fn reasons(v: &Dynamic) -> Result<(), String> {
    let Dynamic::Map(all) = v else { return Ok(()) };
    for (component, reason) in all {
        if component.trim().is_empty() {
            return Err(
                "A key is empty. Expected the component that is waited for, such as \"ad\".".to_owned()
            );
        }
        if reason.as_str().is_some_and(|r| r.trim().is_empty()) {
            return Err(format!(
                "{component:?} does not have a reason. Expected what is waited for, such as \"waiting for the computer object\"."
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47";
    const B: &str = "50310a11-0000-4000-8000-00000000000b";

    #[test]
    fn spellings_of_one_uuid_are_the_same() {
        let plain = A.replace('-', "").to_uppercase();
        assert!(same_uuid(&A.into(), &plain.as_str().into()));
        assert!(
            !same_uuid(&A.into(), &B.into())
                && !same_uuid(&"".into(), &"".into())
                && !same_uuid(&A.into(), &Dynamic::Null)
        );
        for (text, is) in [
            (A, true),
            (plain.as_str(), true),
            ("", false),
            ("vm-7", false),
            ("{4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e47}", false),
            ("4231b6c2-7a3f-4d0e-9c59-0f6d2a1b8e4g", false),
        ] {
            assert_eq!(uuid(&text.into()).is_ok(), is, "{text}");
        }
        assert!(uuid(&Dynamic::Null).is_ok() && uuid(&Dynamic::Unknown).is_ok());
    }

    #[test]
    fn names_of_drives_are_lowercase_letters_and_digits() {
        for (text, good) in [("cd1", true), ("", true), ("a", false), ("A1", false), ("a-b", false)] {
            assert_eq!(drive_name(&Dynamic::String(text.to_owned())).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn reasons_are_not_empty() {
        let of = |k: &str, v: &str| Dynamic::Map([(k.to_owned(), Dynamic::String(v.to_owned()))].into());
        assert!(reasons(&of("ad", "waiting")).is_ok());
        assert!(reasons(&of("ad", " ")).is_err() && reasons(&of("", "waiting")).is_err());
    }

    #[test]
    fn a_folder_has_several_spellings() {
        let same = |a: &str, b: &str| same_folder(&a.into(), &b.into());
        for a in ["team/web", "/team/web/", "/dc1/vm/team/web", "dc1/vm/team/web", "/dcs/dc1/vm/team/web"] {
            assert!(same(a, "team/web") && same("team/web", a), "{a}");
        }
        assert!(same("/dc1/vm", "") && same("", "/"));
        assert!(same("a%2fb 50%", "a%2Fb 50%25") && same("/dc%2f1/vm/50%", "50%25") && !same("a/b", "a%2fb"));
        for a in ["web", "vm/team/web", "dc1/host/team/web", "team/web/x", ""] {
            assert!(!same(a, "team/web") && !same("team/web", a), "{a}");
        }
    }
}
