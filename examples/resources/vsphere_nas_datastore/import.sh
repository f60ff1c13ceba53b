terraform import vsphere_nas_datastore.images /dc1/datastore/images
