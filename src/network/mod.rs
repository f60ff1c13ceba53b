//! Networks and distributed switches.
#![allow(clippy::module_inception, reason = "the family and the type have one name")]
pub mod common;
pub mod distributed_port_group;
pub mod distributed_virtual_switch;
pub mod distributed_virtual_switch_pvlan_mapping;
pub mod host_port_group;
pub mod host_virtual_switch;
pub mod ip_pool;
pub mod network;
pub mod vnic;

types! {
    resource distributed_port_group::DistributedPortGroup,
    resource distributed_virtual_switch::DistributedVirtualSwitch,
    resource distributed_virtual_switch_pvlan_mapping::DistributedVirtualSwitchPvlanMapping,
    resource host_port_group::HostPortGroup,
    resource host_virtual_switch::HostVirtualSwitch,
    resource ip_pool::IpPool,
    resource vnic::Vnic,
    data_source network::Network,
    lookup distributed_virtual_switch::data_source::DistributedVirtualSwitch,
}
