resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder"]
}
resource "vsphere_tag" "a" {
  name        = "a"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_tag" "b" {
  name        = "b"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_folder" "web1" {
  path          = "web-1"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  tags          = [vsphere_tag.a.id]
}
resource "vsphere_folder" "web2" {
  path          = "web-2"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  tags          = [vsphere_tag.a.id, vsphere_tag.b.id]
}
data "vsphere_dynamic" "none" {
  filter     = [vsphere_tag.a.id]
  name_regex = "db"
}
