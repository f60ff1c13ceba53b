# By inventory path. "Resources" is the root resource pool of the cluster.
terraform import vsphere_resource_pool.web /dc1/host/c1/Resources/web
