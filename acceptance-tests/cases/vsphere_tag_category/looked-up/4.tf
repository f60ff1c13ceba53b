data "vsphere_tag_category" "c" {
  name = "bench"
}

data "vsphere_tag" "by_name" {
  name        = "web"
  category_id = data.vsphere_tag_category.c.id
}

data "vsphere_tag" "by_id" {
  id   = data.vsphere_tag.by_name.id
  name = "db"
}
