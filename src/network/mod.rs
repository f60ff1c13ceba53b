//! Networks and distributed switches.
#![allow(clippy::module_inception, reason = "the family and the type have one name")]
pub mod distributed_virtual_switch;
pub mod network;

types! {
    data_source distributed_virtual_switch::DistributedVirtualSwitch,
    data_source network::Network,
}
