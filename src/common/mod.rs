//! What many resources share.
pub mod entity;
pub mod labels;
pub mod permissions;
