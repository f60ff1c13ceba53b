# By the inventory path of the host and the name of the switch.
terraform import vsphere_host_virtual_switch.storage /dc1/host/c1/esx1.example.com:vSwitch1

# By the ID, which contains the managed object ID of the host.
terraform import vsphere_host_virtual_switch.storage tf-HostVirtualSwitch:host-42:vSwitch1
