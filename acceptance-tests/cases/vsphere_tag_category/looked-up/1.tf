data "vsphere_tag_category" "c" {
  name = "bench"
}

data "vsphere_tag" "by_name" {
  name        = "web"
  category_id = data.vsphere_tag_category.c.id
}

data "vsphere_tag" "by_id" {
  id = data.vsphere_tag.by_name.id
}

data "vsphere_tag_category" "by_id" {
  id = data.vsphere_tag.by_id.category_id
}

resource "vsphere_tag" "t" {
  name = join("-", concat(
    [data.vsphere_tag.by_id.name, data.vsphere_tag.by_name.description],
    [data.vsphere_tag_category.by_id.cardinality, data.vsphere_tag_category.by_id.description],
    tolist(data.vsphere_tag_category.by_id.associable_types),
  ))
  category_id = data.vsphere_tag_category.by_id.id
}
