data "vsphere_tag_category" "team" {
  name = "team"
}

data "vsphere_tag" "web" {
  name        = "web"
  category_id = data.vsphere_tag_category.team.id
}

data "vsphere_tagged_objects" "web" {
  tag_ids = [data.vsphere_tag.web.id]
}

output "folders" {
  value = lookup(data.vsphere_tagged_objects.web.ids_by_type, "Folder", [])
}
