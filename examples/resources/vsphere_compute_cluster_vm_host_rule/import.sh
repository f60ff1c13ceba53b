# By the inventory path of the cluster and the name of the rule.
terraform import vsphere_compute_cluster_vm_host_rule.web '{"compute_cluster_path": "/dc1/host/c1", "name": "web-in-rack1"}'
