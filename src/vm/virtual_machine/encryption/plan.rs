//! Which change of the encryption leads from what there is to what is wanted.

/// A key, and the provider that has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) provider: String,
    pub(super) id: String,
}

/// A part of a key that is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Any.
    #[default]
    Any,
    This(&'a str),
    /// One that is known during the apply only.
    Unknown,
}

impl Part<'_> {
    /// Whether it may be another one than `now`.
    fn differs(self, now: &str) -> bool {
        match self {
            Self::Any => false,
            Self::This(wanted) => wanted != now,
            Self::Unknown => true,
        }
    }
}

/// What is wanted of a virtual machine that is to be encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    pub(super) provider: Part<'a>,
    pub(super) key: Part<'a>,
    /// Whether the trigger has another value than before.
    pub(super) is_triggered: bool,
    /// Whether a new key encrypts the data again.
    pub(super) is_deep: bool,
}

/// A change of the encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    Encrypt,
    /// With another key: of the keys of the data (shallow), or of the data as well (deep).
    Rekey {
        is_deep: bool,
    },
    Decrypt,
}

impl Change {
    /// Why the virtual machine must be powered off, if it must.
    pub(super) fn power_off(self) -> Option<&'static str> {
        match self {
            Self::Nothing | Self::Rekey { is_deep: false } => None,
            Self::Encrypt => Some("the virtual machine is encrypted"),
            Self::Rekey { is_deep: true } => {
                Some("the data of the virtual machine is encrypted with another key")
            }
            Self::Decrypt => Some("the virtual machine is decrypted"),
        }
    }

    /// As part of a sentence: what the virtual machine is to be.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Nothing => "left as it is",
            Self::Encrypt => "encrypted",
            Self::Rekey { is_deep: false } => "rekeyed",
            Self::Rekey { is_deep: true } => "rekeyed, with its data",
            Self::Decrypt => "decrypted",
        }
    }
}

/// The change from a key, if there is one, to what is wanted, if anything is. `decrypts`: what is not wanted is decrypted and
/// not left alone.
pub(super) fn change(now: Option<&Key>, wanted: Option<&Wanted<'_>>, decrypts: bool) -> Change {
    match (now, wanted) {
        (None, None) => Change::Nothing,
        (None, Some(_)) => Change::Encrypt,
        (Some(_), None) if decrypts => Change::Decrypt,
        (Some(_), None) => Change::Nothing,
        (Some(now), Some(wanted)) => {
            let differs = wanted.provider.differs(&now.provider) || wanted.key.differs(&now.id);
            if differs || wanted.is_triggered {
                Change::Rekey { is_deep: wanted.is_deep }
            } else {
                Change::Nothing
            }
        }
    }
}

/// The key that an encryption or a rekey asks for. Without a key provider, that of the key that there is stays: vSphere would
/// take the default one. Without an ID, vSphere generates a key.
pub(super) fn new_key(now: Option<&Key>, wanted: &Wanted<'_>) -> Key {
    let said = |part| if let Part::This(said) = part { said } else { "" };
    let provider = match wanted.provider {
        Part::Any => now.map_or("", |now| now.provider.as_str()),
        declared => said(declared),
    };
    Key { provider: provider.to_owned(), id: said(wanted.key).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_follows_from_what_there_is_and_what_is_wanted() {
        let key = Key { provider: "p".into(), id: "k".into() };
        let any = Wanted::default();
        let shallow = Change::Rekey { is_deep: false };
        let deep = Change::Rekey { is_deep: true };
        let provider = |p| Wanted { provider: p, ..any };
        let id = |k| Wanted { key: k, ..any };
        // encrypted, wanted, declared before; change
        for (is, wanted, before, expected) in [
            (false, None, false, Change::Nothing),
            // Decrypted outside Terraform.
            (false, None, true, Change::Nothing),
            (false, Some(any), false, Change::Encrypt),
            (false, Some(any), true, Change::Encrypt),
            // Never declared: left alone.
            (true, None, false, Change::Nothing),
            (true, None, true, Change::Decrypt),
            (true, Some(any), false, Change::Nothing),
            (true, Some(any), true, Change::Nothing),
            // The same provider, and no key: not rekeyed.
            (true, Some(provider(Part::This("p"))), true, Change::Nothing),
            (true, Some(provider(Part::This("q"))), true, shallow),
            (true, Some(provider(Part::Unknown)), true, shallow),
            (true, Some(id(Part::This("k"))), true, Change::Nothing),
            (true, Some(id(Part::This("l"))), true, shallow),
            (true, Some(Wanted { is_triggered: true, ..any }), true, shallow),
            (true, Some(Wanted { is_triggered: true, is_deep: true, ..any }), true, deep),
            // How is only said for a change.
            (true, Some(Wanted { is_deep: true, ..any }), true, Change::Nothing),
        ] {
            let now = is.then_some(&key);
            assert_eq!(change(now, wanted.as_ref(), before), expected, "{is} {wanted:?} {before}");
        }
    }

    #[test]
    fn a_new_key_is_of_the_same_provider_unless_another_is_declared() {
        let now = Key { provider: "p".into(), id: "k".into() };
        let any = Wanted::default();
        let (q, l) = (Part::This("q"), Part::This("l"));
        for (now, wanted, expected) in [
            (Some(&now), any, ("p", "")),
            (Some(&now), Wanted { is_triggered: true, is_deep: true, ..any }, ("p", "")),
            (Some(&now), Wanted { provider: q, ..any }, ("q", "")),
            (Some(&now), Wanted { provider: q, key: l, ..any }, ("q", "l")),
            // The default provider encrypts what is not encrypted yet.
            (None, any, ("", "")),
            (None, Wanted { provider: q, ..any }, ("q", "")),
        ] {
            let key = new_key(now, &wanted);
            assert_eq!((key.provider.as_str(), key.id.as_str()), expected, "{now:?} {wanted:?}");
        }
    }

    #[test]
    fn only_a_shallow_rekey_leaves_the_machine_on() {
        let off = |c: Change| c.power_off().is_some();
        assert!(!off(Change::Nothing) && !off(Change::Rekey { is_deep: false }));
        assert!(off(Change::Encrypt) && off(Change::Rekey { is_deep: true }) && off(Change::Decrypt));
    }
}
