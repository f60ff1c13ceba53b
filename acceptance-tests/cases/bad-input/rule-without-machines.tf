# An anti-affinity rule about nothing.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "apart"
}
