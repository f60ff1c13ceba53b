resource "vsphere_custom_attribute" "a" {
  name                = "owner"
  managed_object_type = "VirtualMachine"
}
