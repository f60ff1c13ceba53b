data "vsphere_custom_attribute" "cost_center" {
  name = "cost-center"
}

data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

resource "vsphere_folder" "web" {
  path          = "web"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.dc1.id

  custom_attributes = {
    (data.vsphere_custom_attribute.cost_center.id) = "4711"
  }
}
