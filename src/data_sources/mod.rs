//! Data sources: one file each.
mod compute_cluster;
mod datacenter;
mod datastore;
mod datastore_cluster;
mod distributed_virtual_switch;
mod dynamic;
mod folder;
mod host;
mod network;
mod resource_pool;

pub use compute_cluster::ComputeCluster;
pub use datacenter::Datacenter;
pub use datastore::Datastore;
pub use datastore_cluster::DatastoreCluster;
pub use distributed_virtual_switch::DistributedVirtualSwitch;
pub use dynamic::Dynamic;
pub use folder::Folder;
pub use host::Host;
pub use network::Network;
pub use resource_pool::ResourcePool;
