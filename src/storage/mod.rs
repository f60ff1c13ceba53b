//! Datastores, datastore clusters and virtual disks.
pub mod datastore;
pub mod datastore_cluster;
pub mod virtual_disk;

types! {
    resource virtual_disk::VirtualDisk,
    data_source datastore::Datastore,
    data_source datastore_cluster::DatastoreCluster,
}
