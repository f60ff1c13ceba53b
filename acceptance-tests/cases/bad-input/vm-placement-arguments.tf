# A placement beside the arguments that it selects, and datastores of several clusters; neither a placement nor a pool
# command: validate
resource "vsphere_virtual_machine" "both" {
  name             = "web"
  resource_pool_id = "resgroup-8"
  host_system_id   = "host-12"
  datastore_id     = "datastore-14"
  placement {
    compute_cluster_ids = ["domain-c8"]
  }
}
resource "vsphere_virtual_machine" "several" {
  name = "web"
  placement {
    compute_cluster_ids = ["domain-c8", "domain-c9"]
    host_system_ids     = ["host-12"]
    datastore_ids       = ["datastore-14"]
  }
}
resource "vsphere_virtual_machine" "neither" {
  name         = "web"
  datastore_id = "datastore-14"
}
