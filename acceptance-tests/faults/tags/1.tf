resource "vsphere_tag_category" "c" {
  name             = "faults"
  description      = "a"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder"]
}
resource "vsphere_tag" "t" {
  count       = 2
  name        = "one-${count.index}"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_folder" "f" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  tags          = [vsphere_tag.t[0].id]
}
resource "vsphere_tag_attachment" "a" {
  tag_id      = vsphere_tag.t[1].id
  object_id   = "{{moid /DC0/host}}"
  object_type = "Folder"
}
