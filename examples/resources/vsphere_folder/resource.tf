data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_tag_category" "team" {
  name = "team"
}

data "vsphere_tag" "web" {
  name        = "web"
  category_id = data.vsphere_tag_category.team.id
}

resource "vsphere_custom_attribute" "cost_center" {
  name                = "cost-center"
  managed_object_type = "Folder"
}

# Folders for the web team's virtual machines, with a separate one for production.
resource "vsphere_folder" "web" {
  path          = "web"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.dc1.id
  tags          = [data.vsphere_tag.web.id]

  custom_attributes = {
    (vsphere_custom_attribute.cost_center.id) = "4711"
  }
}

resource "vsphere_folder" "web_production" {
  path          = "${vsphere_folder.web.path}/production"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.dc1.id
}
