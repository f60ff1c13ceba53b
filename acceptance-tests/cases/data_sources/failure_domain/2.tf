resource "vsphere_compute_cluster_vm_host_rule" "zone" {
  enabled = false
}
