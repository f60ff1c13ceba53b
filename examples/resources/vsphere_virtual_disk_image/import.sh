# By the inventory path of the datacenter, followed by the datastore and path of the disk.
terraform import vsphere_virtual_disk_image.ubuntu "/dc1/[ssd1] images/ubuntu.vmdk"
