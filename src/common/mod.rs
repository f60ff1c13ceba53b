//! What many resources share.
pub mod entity;
