# A datacenter that does not exist, and no datacenter.
data "vsphere_datastore_stats" "absent" {
  datacenter_id = "datacenter-999"
}
data "vsphere_datastore_stats" "none" {
  datacenter_id = ""
}
