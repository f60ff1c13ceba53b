# By the inventory path.
terraform import vsphere_compute_cluster.production /dc1/host/production
