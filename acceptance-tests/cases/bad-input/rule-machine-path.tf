# Virtual machines by path, by name and by the id of something else.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "apart"
  virtual_machine_ids = ["/DC0/vm/DC0_C0_RP0_VM0", "web", "host-21"]
}
