# A group that waits for itself.
resource "vsphere_compute_cluster_vm_dependency_rule" "r" {
  compute_cluster_id       = "{{moid /DC0/host/DC0_C0}}"
  name                     = "order"
  vm_group_name            = "web"
  dependency_vm_group_name = "web"
}
