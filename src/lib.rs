//! A Terraform provider for VMware vSphere.
pub mod provider;
pub mod wire;
