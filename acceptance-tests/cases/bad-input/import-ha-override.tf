# An import id that names nothing.
import {
  to = vsphere_ha_vm_override.x
  id = "{\"compute_cluster_path\": \"/DC0/host/missing\", \"virtual_machine_path\": \"/DC0/vm/DC0_C0_RP0_VM0\"}"
}
resource "vsphere_ha_vm_override" "x" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
}
