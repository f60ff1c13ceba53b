//! A Terraform provider for VMware vSphere.
mod catalogue;
pub mod common;
pub mod data_sources;
pub mod fault;
pub mod functions;
mod grants;
pub mod nearest;
mod plan_registry;
pub mod provider;
pub mod resources;
mod run_notes;
mod run_state;
mod turnover;
pub mod vsphere;
pub mod wire;

pub use catalogue::server;
