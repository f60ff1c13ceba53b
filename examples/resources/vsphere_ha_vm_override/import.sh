# By the inventory paths of the cluster and the virtual machine.
terraform import vsphere_ha_vm_override.web_1 '{"compute_cluster_path": "/dc1/host/c1", "virtual_machine_path": "/dc1/vm/web-1"}'
