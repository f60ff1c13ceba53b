resource "vsphere_custom_attribute" "a" {
  name                = "cost"
  managed_object_type = "VirtualMachine"
}
