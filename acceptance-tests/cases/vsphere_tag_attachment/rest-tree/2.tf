resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["Datacenter", "Folder", "HostSystem"]
}

resource "vsphere_tag" "t" {
  count       = 10
  name        = "t${count.index}"
  description = "number ${count.index}"
  category_id = vsphere_tag_category.c.id
}

resource "vsphere_tag_attachment" "root" {
  count     = 10
  tag_id    = vsphere_tag.t[count.index].id
  object_id = "group-d1"
}

resource "vsphere_tag_attachment" "dc" {
  tag_id    = vsphere_tag.t[0].id
  object_id = "datacenter-1"
}
