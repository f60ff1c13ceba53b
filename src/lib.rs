//! A Terraform provider for VMware vSphere.
pub mod common;
pub mod fault;
pub mod functions;
pub mod nearest;
pub mod plan_registry;
pub mod provider;
pub mod resources;
pub mod wire;
mod catalogue;

pub use catalogue::server;
