# A custom attribute for folders. Without managed_object_type, it applies to all types of object.
resource "vsphere_custom_attribute" "cost_center" {
  name                = "cost-center"
  managed_object_type = "Folder"
}
