# By the virtual machine (inventory path, UUID or managed object ID) and the path of the snapshot in the snapshot tree.
terraform import vsphere_virtual_machine_snapshot.before_upgrade "/dc1/vm/web-1:/before 2.4"
