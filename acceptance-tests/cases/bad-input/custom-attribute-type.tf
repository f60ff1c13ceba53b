# A type as people call it
resource "vsphere_custom_attribute" "a" {
  name                = "owner"
  managed_object_type = "virtualmachine"
}
