//! A Terraform provider for VMware vSphere.
