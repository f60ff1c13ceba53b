data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_drs_vm_override" "o" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id = data.vsphere_virtual_machine.vm[0].id
}

resource "vsphere_drs_vm_override" "moid" {
  compute_cluster_id   = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id   = data.vsphere_virtual_machine.vm[1].moid
  drs_enabled          = true
  drs_automation_level = "fullyAutomated"
}
