# A custom attribute of folders. Without managed_object_type, it applies to all objects.
resource "vsphere_custom_attribute" "cost_center" {
  name                = "cost-center"
  managed_object_type = "Folder"
}
