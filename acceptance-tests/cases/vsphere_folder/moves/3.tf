resource "vsphere_tag_category" "c" {
  name             = "bench-category"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}
resource "vsphere_tag" "t" {
  name        = "bench-tag"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_folder" "a" {
  path          = "a"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "b" {
  path          = "b"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_folder" "web" {
  path          = "/www/"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  tags          = []
}
resource "vsphere_folder" "slash" {
  path          = "${vsphere_folder.b.path}/x%2fy"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
