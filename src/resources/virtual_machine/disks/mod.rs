//! Disks: what is declared, what is there, and how the one becomes the other.
mod model;

pub(super) use model::DiskModel;
