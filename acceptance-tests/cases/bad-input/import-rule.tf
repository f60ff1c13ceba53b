# An import id that names nothing.
import {
  to = vsphere_compute_cluster_vm_affinity_rule.x
  id = "{\"compute_cluster_path\": \"/DC0/host/DC0_C0\", \"name\": \"missing\"}"
}
resource "vsphere_compute_cluster_vm_affinity_rule" "x" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "missing"
  virtual_machine_ids = ["{{moid /DC0/vm/DC0_C0_RP0_VM0}}", "{{moid /DC0/vm/DC0_C0_RP0_VM1}}"]
}
