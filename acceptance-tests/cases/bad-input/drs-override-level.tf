# A level that there is not.
resource "vsphere_drs_vm_override" "o" {
  compute_cluster_id   = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id   = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  drs_automation_level = "automatic"
}
