resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder"]
}

resource "vsphere_tag" "t" {
  name        = "one: with / and \"quotes\""
  category_id = vsphere_tag_category.c.id
}
