data "vsphere_virtual_machine" "vm" {
  count = 1
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_ha_vm_override" "o" {
  compute_cluster_id     = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id     = data.vsphere_virtual_machine.vm[0].id
  ha_vm_restart_priority = "highest"
  ha_vm_ready_condition  = "guestHbStatusGreen"
  ha_vm_post_ready_delay = 30
}
