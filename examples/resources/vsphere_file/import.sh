# By the inventory path of the datacenter, followed by the datastore and path of the file.
terraform import vsphere_file.iso '/dc1/[ssd1] iso/os.iso'
