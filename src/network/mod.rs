//! Networks and distributed switches.
#![allow(clippy::module_inception, reason = "the family and the type have one name")]
pub mod common;
pub mod distributed_virtual_switch;
pub mod host_port_group;
pub mod host_virtual_switch;
pub mod network;

types! {
    resource host_port_group::HostPortGroup,
    resource host_virtual_switch::HostVirtualSwitch,
    data_source network::Network,
    lookup distributed_virtual_switch::DistributedVirtualSwitch,
}
