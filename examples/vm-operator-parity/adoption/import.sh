terraform import vsphere_virtual_machine.my_vm /dc1/vm/my-vm
