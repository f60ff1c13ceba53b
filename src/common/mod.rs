//! What many resources share.
pub mod custom_attributes;
// Machines and kept specifications take what they need of it.
#[allow(dead_code, unused_imports, reason = "the types that use the rest follow")]
pub mod customization;
pub mod entity;
pub mod guest_addresses;
pub mod labels;
pub(crate) mod lookup;
// Whatever names virtual machines takes what it needs of it.
#[allow(dead_code, reason = "the types that use the rest follow")]
pub(crate) mod machine;
#[allow(dead_code, reason = "virtual machines look things up")]
pub(crate) mod once;
pub mod permissions;
pub mod tagging;
