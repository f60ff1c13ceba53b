data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_first_class_disk" "data" {
  datastore_id = data.vsphere_datastore.ssd1.id
  name         = "web-data"
}
