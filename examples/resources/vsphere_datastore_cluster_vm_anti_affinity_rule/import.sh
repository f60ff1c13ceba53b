# By the inventory path of the datastore cluster and the name of the rule.
terraform import 'vsphere_datastore_cluster_vm_anti_affinity_rule.web[0]' '{"datastore_cluster_path": "/dc1/datastore/ssd", "name": "web-apart"}'
