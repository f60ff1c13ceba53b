//! Provider functions: pure, one file each.
pub mod cloud_init;
pub mod dns;
pub mod guest_network;
pub mod guestinfo;
pub mod mib;
pub mod parse_path;
pub mod privileges;
pub mod role_preset;

types! {
    function cloud_init::CloudInitMetadata,
    function dns::IsDnsLabel,
    function dns::IsDnsSubdomain,
    function guest_network::GuestNetworkDefaults,
    function guestinfo::GuestinfoDecode,
    function guestinfo::GuestinfoEncode,
    function mib::Mib,
    function parse_path::ParsePath,
    function privileges::ExpandPrivileges,
    function privileges::MergePrivileges,
    function role_preset::RolePreset,
    function role_preset::RolePresets,
}

use tf_framework::server::{FunctionError, Parameter};
use tf_framework::{Dynamic, Type};

fn parameter(name: &'static str, ty: Type, doc: &'static str) -> Parameter {
    Parameter { name, ty, doc, allow_null: false }
}

fn strings() -> Type {
    Type::list(Type::String)
}

fn object<const N: usize>(members: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::object(members.into_iter().map(|(k, v)| (k.to_owned(), v)))
}

fn list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Dynamic {
    Dynamic::List(items.into_iter().map(|s| Dynamic::from(s.as_ref())).collect())
}

/// The argument `n` as a text.
fn text(arguments: &[Dynamic], n: usize) -> &str {
    arguments.get(n).and_then(Dynamic::as_str).unwrap_or_default()
}

/// The argument `n` as texts.
fn texts(arguments: &[Dynamic], n: usize) -> Vec<&str> {
    arguments.get(n).map_or(&[][..], Dynamic::items).iter().filter_map(Dynamic::as_str).collect()
}

fn wrong(argument: i64, text: impl Into<String>) -> FunctionError {
    // Terraform puts a full stop behind it.
    FunctionError { text: text.into().trim_end_matches('.').to_owned(), argument: Some(argument) }
}
