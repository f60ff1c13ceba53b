# An import id that is neither JSON nor begins with the ID of a cluster.
import {
  to = vsphere_compute_cluster_vm_anti_affinity_rule.r
  id = "apart"
}
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "apart"
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}
