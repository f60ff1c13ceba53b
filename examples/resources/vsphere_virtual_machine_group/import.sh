# By the name of the group and its members in parentheses, as in the configuration: the virtual machines of each boot_order
# block, after the delay in seconds and before a slash, and then the other members.
terraform import vsphere_virtual_machine_group.shop "shop(vm-41/10s:vm-42,vm-43/5s:vm-44,vm-45/)"
