# By the path of the datacenter and the path of the file with its datastore.
terraform import vsphere_file.iso '/dc1/[ssd1] iso/os.iso'
