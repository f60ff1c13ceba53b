# By inventory path, managed object ID, instance UUID or BIOS UUID.
terraform import vsphere_virtual_machine_template.worker "/dc1/vm/worker-24.04"
