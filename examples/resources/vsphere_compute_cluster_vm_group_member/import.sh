# By the inventory path of the cluster, the name of the group, and the inventory path of the virtual machine.
terraform import vsphere_compute_cluster_vm_group_member.web_1 '{"compute_cluster_path": "/dc1/host/c1", "name": "licensed", "virtual_machine_path": "/dc1/vm/web-1"}'
