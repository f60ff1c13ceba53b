# By the managed object ID of the datastore and the ID of the disk.
terraform import vsphere_first_class_disk.data datastore-12:6c3b8f0e-6a9c-4a0b-9d3c-0f7f5f6f2a11
# By the inventory path of the datacenter, followed by the datastore and path of the disk.
terraform import vsphere_first_class_disk.data "/dc1/[ssd1] fcd/c5e4a0f2.vmdk"
