# By inventory path, managed object ID, instance UUID or BIOS UUID:
terraform import vsphere_virtual_machine.web /dc1/vm/web/web-1
terraform import vsphere_virtual_machine.web vm-42
terraform import vsphere_virtual_machine.web 5029ad7e-64ec-3c2f-a6d1-5b1d3c1f8a90
