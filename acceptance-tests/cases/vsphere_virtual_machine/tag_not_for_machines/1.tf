resource "vsphere_tag_category" "env" {
  name             = "env"
  cardinality      = "SINGLE"
  associable_types = ["Folder"]
}

resource "vsphere_tag" "prod" {
  name        = "prod"
  category_id = vsphere_tag_category.env.id
}
