resource "vsphere_custom_attribute" "a" {
  name                = "owner"
  managed_object_type = "Folder"
}
resource "vsphere_folder" "f" {
  path              = "group"
  type              = "vm"
  datacenter_id     = "{{moid /DC0}}"
  custom_attributes = { (vsphere_custom_attribute.a.id) = "you" }
}
resource "vsphere_folder" "inside" {
  path          = "${vsphere_folder.f.path}/inside"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
