# A field of folders. Without managed_object_type it is one of all objects.
resource "vsphere_custom_attribute" "cost_centre" {
  name                = "cost-centre"
  managed_object_type = "Folder"
}
