# By name.
terraform import vsphere_virtual_machine_class.large reserved-large
