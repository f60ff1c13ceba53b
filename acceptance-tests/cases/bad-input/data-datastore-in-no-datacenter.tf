# A datacenter that there is not.
data "vsphere_datastore" "d" {
  name          = "LocalDS_0"
  datacenter_id = "datacenter-4711"
}
