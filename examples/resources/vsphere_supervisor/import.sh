# By the inventory path or the managed object ID of the cluster.
terraform import vsphere_supervisor.c1 /dc1/host/c1
