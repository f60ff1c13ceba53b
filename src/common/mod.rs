//! What many resources share.
pub mod cluster;
pub mod custom_attributes;
pub mod entity;
pub mod guest_addresses;
pub mod labels;
pub(crate) mod lookup;
pub mod machine;
pub mod permissions;
pub mod tagging;
