//! The functions `is_dns_label` and `is_dns_subdomain`.
use super::{parameter, text};
use tf_framework::server::{FunctionError, Signature};
use tf_framework::{Dynamic, Function, Type};

/// Whether a name is a label of the DNS as RFC 1123 has it, in lower case: what Kubernetes demands of most names.
fn is_label(name: &str) -> bool {
    let alphanumeric = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 63
        && name.chars().all(|c| alphanumeric(&c) || c == '-')
        && name.chars().next().is_some_and(|c| alphanumeric(&c))
        && name.chars().next_back().is_some_and(|c| alphanumeric(&c))
}

/// Whether a name consists of labels that are separated by dots, with at most 253 characters.
fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

fn signature(name: &'static str, summary: &'static str, doc: &'static str) -> Signature {
    let parameters =
        vec![parameter("name", Type::String, "The name to check, such as the name of a virtual machine.")];
    Signature { name, summary, doc, parameters, variadic: None, returns: Type::Bool }
}

/// `is_dns_label(name)`
#[derive(Debug, Default)]
pub struct IsDnsLabel;

impl Function for IsDnsLabel {
    fn signature(&self) -> Signature {
        signature(
            "is_dns_label",
            "Checks whether a name is a DNS label",
            "Returns `true` if the name is a DNS label (RFC 1123): 1 to 63 characters, which are lowercase letters, digits and \
             hyphens, with a letter or digit at the beginning and at the end. A DNS label is a valid host name for a guest. \
             Use this function in the `validation` block of a variable or in a `precondition`.",
        )
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        Ok(Dynamic::Bool(is_label(text(arguments, 0))))
    }
}

/// `is_dns_subdomain(name)`
#[derive(Debug, Default)]
pub struct IsDnsSubdomain;

impl Function for IsDnsSubdomain {
    fn signature(&self) -> Signature {
        signature(
            "is_dns_subdomain",
            "Checks whether a name is a DNS subdomain",
            "Returns `true` if the name is a DNS subdomain (RFC 1123): one or more DNS labels that are separated by dots, with \
             at most 253 characters in total. Each label consists of lowercase letters, digits and hyphens, at most 63 \
             characters, and begins and ends with a letter or digit. Kubernetes requires a DNS subdomain for the names of most \
             objects, and VM Operator for the names of virtual machines.",
        )
    }

    fn call(&self, arguments: &[Dynamic]) -> Result<Dynamic, FunctionError> {
        Ok(Dynamic::Bool(is_subdomain(text(arguments, 0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_have_letters_digits_and_hyphens_within() {
        for name in ["a", "web-1", "0", &"a".repeat(63), "xn--nxasmq6b"] {
            assert!(is_label(name) && is_subdomain(name), "{name}");
        }
        for name in ["", "-a", "a-", "A", "a_b", "a b", "ä", &"a".repeat(64)] {
            assert!(!is_label(name) && !is_subdomain(name), "{name}");
        }
    }

    #[test]
    fn subdomains_have_labels_between_dots() {
        let long = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        assert_eq!(long.len(), 253);
        for name in ["web.example.com", "1.2", long.as_str()] {
            assert!(is_subdomain(name) && !is_label(name), "{name}");
        }
        for name in [".a", "a.", "a..b", "a.B", "a.-b", &format!("{long}b")] {
            assert!(!is_subdomain(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn labels_that_are_joined_are_a_subdomain(labels in prop::collection::vec("[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", 1..6)) {
            prop_assert!(labels.iter().all(|l| is_label(l)));
            prop_assert!(is_subdomain(&labels.join(".")));
        }
    }
}
