resource "vsphere_custom_attribute" "a" {
  name                = "owner"
  managed_object_type = "Folder"
}
resource "vsphere_folder" "f" {
  path              = "team"
  type              = "vm"
  datacenter_id     = "{{moid /DC0}}"
  custom_attributes = { (vsphere_custom_attribute.a.id) = "me" }
}
resource "vsphere_folder" "inside" {
  path          = "${vsphere_folder.f.path}/inside"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
