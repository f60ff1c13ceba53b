//! What many resources share.
pub mod custom_attributes;
pub mod entity;
pub mod guest_addresses;
pub mod labels;
pub(crate) mod lookup;
pub mod permissions;
pub mod tagging;
