# A path that ends one step early.
data "vsphere_compute_cluster" "c" {
  name = "/DC0/host/DC0_C1"
}
