terraform import vsphere_vmfs_datastore.san1 datastore-12:host-42
