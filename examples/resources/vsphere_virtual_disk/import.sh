# The datacenter, and the path of the disk with its datastore.
terraform import vsphere_virtual_disk.data "/dc1/[ssd1] disks/data.vmdk"
