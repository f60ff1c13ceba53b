resource "vsphere_supervisor" "s" {
  edge_cluster = "edge-2"
}
