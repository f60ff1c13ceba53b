# By the managed object ID or inventory path of the datastore, then that of a host that mounts the datastore.
terraform import vsphere_vmfs_datastore.san1 datastore-12:host-42
