//! What many resources share.
pub mod custom_attributes;
pub mod entity;
pub mod labels;
pub mod permissions;
pub mod tagging;
