# Values that are neither true nor false, an unknown level, and a cluster where a datastore cluster belongs.
resource "vsphere_storage_drs_vm_override" "o" {
  datastore_cluster_id   = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id     = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  sdrs_enabled           = "yes"
  sdrs_automation_level  = "fullyAutomated"
  sdrs_intra_vm_affinity = "2"
}
