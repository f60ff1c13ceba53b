# By the inventory path of the host and the name of the device.
terraform import vsphere_vnic.vmotion /dc1/host/c1/esx1.example.com:vmk1

# By the ID, which contains the managed object ID of the host.
terraform import vsphere_vnic.vmotion host-42_vmk1
