//! A Terraform provider for VMware vSphere.
#[macro_use]
mod registry;

pub mod access;
pub mod cluster;
pub mod common;
pub mod content;
pub mod fault;
pub mod functions;
pub mod host;
pub mod inventory;
pub mod nearest;
pub mod network;
mod plan_registry;
pub mod provider;
mod run_notes;
pub mod storage;
pub mod supervisor;
mod turnover;
pub mod vm;
pub mod vsphere;
pub mod wire;

pub use registry::server;
