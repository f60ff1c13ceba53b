# By the inventory path of the cluster and the name of the group.
terraform import vsphere_compute_cluster_vm_group.web '{"compute_cluster_path": "/dc1/host/c1", "name": "web"}'
