# A custom attribute of folders. Without managed_object_type, it applies to all objects.
resource "vsphere_custom_attribute" "cost_centre" {
  name                = "cost-centre"
  managed_object_type = "Folder"
}
