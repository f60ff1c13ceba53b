//! A Terraform provider for VMware vSphere.
mod catalogue;
pub mod common;
pub mod data_sources;
pub mod fault;
pub mod functions;
pub mod nearest;
mod plan_registry;
pub mod provider;
pub mod resources;
pub mod wire;

pub use catalogue::server;
