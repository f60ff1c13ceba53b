# By the inventory path of the cluster and the name of the rule.
terraform import 'vsphere_compute_cluster_vm_anti_affinity_rule.web[0]' '{"compute_cluster_path": "/dc1/host/c1", "name": "web-apart"}'
