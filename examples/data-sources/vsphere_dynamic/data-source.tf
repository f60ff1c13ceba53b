data "vsphere_tag_category" "team" {
  name = "team"
}

data "vsphere_tag" "web" {
  name        = "web"
  category_id = data.vsphere_tag_category.team.id
}

data "vsphere_tag_category" "environment" {
  name = "environment"
}

data "vsphere_tag" "production" {
  name        = "production"
  category_id = data.vsphere_tag_category.environment.id
}

# The folder that has both tags. Exactly one folder must match.
data "vsphere_dynamic" "web_production" {
  filter     = [data.vsphere_tag.web.id, data.vsphere_tag.production.id]
  name_regex = "^web"
  type       = "Folder"
}
