# The datacenter does not exist.
resource "vsphere_compute_cluster" "c" {
  name          = "c1"
  datacenter_id = "datacenter-999"
}
