//! Networks and distributed switches.
pub mod distributed_virtual_switch;
pub mod network;

types! {
    data_source distributed_virtual_switch::DistributedVirtualSwitch,
    data_source network::Network,
}
