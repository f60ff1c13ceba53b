resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["Datacenter", "Folder"]
}

resource "vsphere_tag" "t" {
  count       = 10
  name        = "t${count.index}"
  category_id = vsphere_tag_category.c.id
}

resource "vsphere_tag_attachment" "root" {
  count     = 10
  tag_id    = vsphere_tag.t[count.index].id
  object_id = "group-d1"
}
