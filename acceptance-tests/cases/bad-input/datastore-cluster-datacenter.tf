# A datacenter by its path, and one that does not exist.
resource "vsphere_datastore_cluster" "path" {
  name          = "ssd"
  datacenter_id = "/DC0"
}
resource "vsphere_datastore_cluster" "absent" {
  name          = "hdd"
  datacenter_id = "datacenter-999"
}
