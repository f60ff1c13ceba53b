//! What many resources share.
pub mod adopt;
pub mod cluster;
pub mod custom_attributes;
pub mod customization;
pub mod entity;
pub mod guest_addresses;
pub mod labels;
pub(crate) mod lookup;
pub mod machine;
pub mod names;
pub mod once;
pub mod permissions;
pub(crate) mod tag_faults;
pub mod tagging;
