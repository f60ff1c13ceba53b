//! Datastores, datastore clusters, storage policies and virtual disks.
pub mod cloud_init_iso;
mod common;
pub mod datastore;
pub mod datastore_cluster;
pub mod datastore_cluster_vm_anti_affinity_rule;
pub mod datastore_files;
pub mod datastore_stats;
pub mod file;
pub mod first_class_disk;
pub mod first_class_disk_snapshot;
mod mounted;
pub mod nas_datastore;
mod place;
pub mod storage_drs_vm_override;
pub mod storage_policies;
pub mod storage_policy;
pub mod virtual_disk;
pub mod virtual_disk_image;
pub mod vm_storage_policy;
pub mod vmfs_datastore;
pub mod vmfs_disks;

types! {
    resource cloud_init_iso::CloudInitIso,
    resource datastore_cluster::DatastoreCluster,
    resource datastore_cluster_vm_anti_affinity_rule::DatastoreClusterVmAntiAffinityRule,
    resource nas_datastore::NasDatastore,
    resource storage_drs_vm_override::StorageDrsVmOverride,
    resource file::File,
    resource first_class_disk::FirstClassDisk,
    resource first_class_disk_snapshot::FirstClassDiskSnapshot,
    resource virtual_disk::VirtualDisk,
    resource virtual_disk_image::VirtualDiskImage,
    resource vm_storage_policy::VmStoragePolicy,
    resource vmfs_datastore::VmfsDatastore,
    data_source datastore_cluster::data_source::DatastoreCluster,
    data_source datastore_files::DatastoreFiles,
    data_source datastore_stats::DatastoreStats,
    data_source first_class_disk::data_source::FirstClassDisk,
    data_source first_class_disk::data_sources::FirstClassDisks,
    data_source storage_policies::StoragePolicies,
    data_source storage_policy::StoragePolicy,
    data_source vmfs_disks::VmfsDisks,
    lookup datastore::Datastore,
}
