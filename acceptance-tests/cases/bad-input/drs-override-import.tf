# An import of an override that there is not.
import {
  to = vsphere_drs_vm_override.o
  id = "{\"compute_cluster_path\": \"/DC0/host/DC0_C0\", \"virtual_machine_path\": \"/DC0/vm/DC0_C0_RP0_VM0\"}"
}
resource "vsphere_drs_vm_override" "o" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
}
