# By the inventory paths of the datastore cluster and of the virtual machine.
terraform import vsphere_storage_drs_vm_override.web_1 '{"datastore_cluster_path": "/dc1/datastore/ssd", "virtual_machine_path": "/dc1/vm/web-1"}'
