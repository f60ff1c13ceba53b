# By the managed object ID of the datastore, the ID of the disk and the ID of the snapshot.
terraform import vsphere_first_class_disk_snapshot.upgrade datastore-12:6c3b8f0e-6a9c-4a0b-9d3c-0f7f5f6f2a11:0b9d6a4e-5a52-4c43-8f5c-2d0c5b1c7c1e
