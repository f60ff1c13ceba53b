//! A Terraform provider for VMware vSphere.
pub mod functions;
pub mod nearest;
