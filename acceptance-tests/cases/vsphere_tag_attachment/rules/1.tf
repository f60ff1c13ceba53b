resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "SINGLE"
  associable_types = ["Datacenter"]
}

resource "vsphere_tag" "t" {
  for_each    = toset(["a", "b"])
  name        = each.key
  category_id = vsphere_tag_category.c.id
}

resource "vsphere_tag_attachment" "dc" {
  tag_id    = vsphere_tag.t["a"].id
  object_id = "datacenter-1"
}
