# By the ID in the form name(block/block/members). A block is an optional delay, such as 5s:, and the IDs of its members,
# separated by commas, in the order of the boot_order blocks.
terraform import vsphere_virtual_machine_group.shop "shop(vm-41/10s:vm-42,vm-43/5s:vm-44,vm-45/)"
