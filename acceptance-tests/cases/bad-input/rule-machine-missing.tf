# Virtual machines that there are not.
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "apart"
  virtual_machine_ids = ["00000000-0000-4000-8000-000000000000", "vm-4711"]
}
