# By the virtual machine (inventory path, UUID or managed object ID) and the address of the disk.
terraform import vsphere_virtual_disk_attachment.data /dc1/vm/web-1:scsi:0:1
terraform import vsphere_virtual_disk.data "/dc1/[ssd1] data.vmdk"
