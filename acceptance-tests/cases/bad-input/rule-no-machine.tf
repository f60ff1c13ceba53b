# An affinity rule about none.
resource "vsphere_compute_cluster_vm_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "together"
  virtual_machine_ids = []
}
