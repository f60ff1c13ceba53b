resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder"]
}

resource "vsphere_tag" "t" {
  name        = "one"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_folder" "f" {
  path          = "team"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_tag_attachment" "a" {
  tag_id      = vsphere_tag.t.id
  object_id   = vsphere_folder.f.id
  object_type = "Folder"
}
