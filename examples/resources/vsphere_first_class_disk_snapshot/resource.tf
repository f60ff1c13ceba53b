data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_first_class_disk" "data" {
  name         = "web-data"
  datastore_id = data.vsphere_datastore.ssd1.id
  size         = 40
}

resource "vsphere_first_class_disk_snapshot" "upgrade" {
  datastore_id        = vsphere_first_class_disk.data.datastore_id
  first_class_disk_id = vsphere_first_class_disk.data.id
  description         = "before the upgrade"
}
