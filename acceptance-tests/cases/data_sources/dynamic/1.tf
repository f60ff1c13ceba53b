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
data "vsphere_dynamic" "both" {
  filter     = [vsphere_tag.a.id, vsphere_tag.b.id]
  type       = "Folder"
  depends_on = [vsphere_folder.web1, vsphere_folder.web2]
}
data "vsphere_dynamic" "by_name" {
  filter     = [vsphere_tag.a.id]
  name_regex = "2$"
  depends_on = [vsphere_folder.web1, vsphere_folder.web2]
}
output "found" {
  value = data.vsphere_dynamic.both.id
}
output "by_name" {
  value = data.vsphere_dynamic.by_name.id
}
