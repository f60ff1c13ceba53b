//! What many resources share.
pub mod adopt;
pub mod custom_attributes;
pub(crate) mod datastore_place;
pub mod entity;
pub mod folders;
pub mod guest_addresses;
pub mod labels;
pub(crate) mod lookup;
pub mod lookup_source;
pub mod machine;
pub mod names;
pub mod once;
pub(crate) mod policies;
pub mod resolve;
pub mod shares;
pub(crate) mod tag_faults;
pub mod tagging;
