resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}

resource "vsphere_tag" "t" {
  name        = "one"
  category_id = vsphere_tag_category.c.id
}
