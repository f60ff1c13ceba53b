data "vsphere_tag_category" "team" {
  name = "team"
}

data "vsphere_tag" "web" {
  name        = "web"
  category_id = data.vsphere_tag_category.team.id
}
