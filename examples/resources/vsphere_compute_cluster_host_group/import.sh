# By the inventory path of the cluster and the name of the group.
terraform import vsphere_compute_cluster_host_group.rack1 '{"compute_cluster_path": "/dc1/host/c1", "name": "rack1"}'
