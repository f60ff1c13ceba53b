resource "vsphere_tag_category" "c" {
  name             = "bench"
  cardinality      = "MULTIPLE"
  associable_types = ["All"]
}

resource "vsphere_tag" "t" {
  name        = "one"
  category_id = vsphere_tag_category.c.id
}
