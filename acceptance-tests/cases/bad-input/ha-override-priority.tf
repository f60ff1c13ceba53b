# Values that there are not.
resource "vsphere_ha_vm_override" "o" {
  compute_cluster_id              = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id              = "{{moid /DC0/vm/DC0_C0_RP0_VM0}}"
  ha_vm_restart_priority          = "urgent"
  ha_datastore_apd_response_delay = -2
  ha_vm_ready_condition           = "ready"
  ha_vm_post_ready_delay          = -2
}
