resource "vsphere_custom_attribute" "a" {
  name = "a"
}
resource "vsphere_custom_attribute" "b" {
  name = "b"
}
variable "owner" {
  default = "me"
}
resource "vsphere_folder" "f" {
  path          = "f"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  custom_attributes = {
    (vsphere_custom_attribute.a.id) = "x"
    (vsphere_custom_attribute.b.id) = var.owner
  }
}
