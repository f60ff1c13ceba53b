data "vsphere_tag_category" "c" {
  name = "bench"
}

data "vsphere_tag" "by_name" {
  name        = "wbe"
  category_id = data.vsphere_tag_category.c.id
}
