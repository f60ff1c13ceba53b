# By inventory path, or by managed object ID.
terraform import vsphere_compute_cluster.production /dc1/host/production
