# The virtual machine (inventory path, UUID or managed object id) and the names that lead to the snapshot.
terraform import vsphere_virtual_machine_snapshot.before_upgrade "/dc1/vm/web-1:/before 2.4"
