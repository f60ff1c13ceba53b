//! Code shared by switches, port groups and VMkernel adapters.
pub mod host;
pub mod host_policy;
pub mod port_policy;
pub mod switch;
pub mod traffic;
