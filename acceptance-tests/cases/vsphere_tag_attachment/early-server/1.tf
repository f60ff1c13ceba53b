resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["Datacenter", "Folder"]
}
resource "vsphere_tag" "t" {
  count       = 3
  name        = "t${count.index}"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_folder" "f" {
  path          = "tagged"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  tags          = vsphere_tag.t[*].id
}
resource "vsphere_tag_attachment" "dc" {
  tag_id    = vsphere_tag.t[0].id
  object_id = "{{moid /DC0}}"
}
