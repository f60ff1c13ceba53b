# An import id that names nothing.
import {
  to = vsphere_compute_cluster_vm_group_member.x
  id = "{\"compute_cluster_path\": \"/DC0/host/DC0_C0\", \"name\": \"missing\", \"virtual_machine_path\": \"/DC0/vm/missing\"}"
}
resource "vsphere_compute_cluster_vm_group_member" "x" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  vm_group_name      = "missing"
  virtual_machine_id = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
}
