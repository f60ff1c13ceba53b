# By the inventory path of the datacenter, followed by the datastore and path of the disk.
terraform import vsphere_virtual_disk.data "/dc1/[ssd1] disks/data.vmdk"
