//! What many resources share.
pub mod entity;
pub mod labels;
pub(crate) mod lookup;
pub mod permissions;
