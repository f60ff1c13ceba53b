# By the inventory path.
terraform import vsphere_distributed_virtual_switch.prod /dc1/network/prod

# By the managed object ID.
terraform import vsphere_distributed_virtual_switch.prod dvs-21
