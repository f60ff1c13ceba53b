terraform import vsphere_datastore_cluster.gold /dc1/datastore/gold
