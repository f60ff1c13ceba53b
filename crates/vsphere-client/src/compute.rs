//! `ComputeResource`, `ClusterComputeResource`, `HostSystem`: what computes.

use vim_types::xml::MoRef;

crate::properties! {
    /// A cluster, or what holds a standalone host.
    pub struct Compute of "ComputeResource" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The folder that holds it.
        pub parent: Option<MoRef> = "parent",
        /// The root resource pool.
        pub resource_pool: Option<MoRef> = "resourcePool",
        /// The hosts.
        pub hosts: Vec<MoRef> = "host",
    }
}

crate::properties! {
    /// A host.
    pub struct Host of "HostSystem" {
        /// The name, escaped as vSphere does.
        pub name: String = "name",
        /// The cluster or compute resource that it belongs to, and whose root resource pool it offers.
        pub parent: Option<MoRef> = "parent",
    }
}
