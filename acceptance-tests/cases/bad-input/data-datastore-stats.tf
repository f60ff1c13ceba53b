# A path where a managed object ID belongs.
data "vsphere_datastore_stats" "s" {
  datacenter_id = "/DC0"
}
