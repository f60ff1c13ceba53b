data "vsphere_virtual_machine" "vm" {
  count = 3
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_compute_cluster_vm_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "together-2"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[0].id, data.vsphere_virtual_machine.vm[2].id]
  enabled             = false
  mandatory           = true
}
