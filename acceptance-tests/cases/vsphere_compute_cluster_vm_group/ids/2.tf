data "vsphere_virtual_machine" "vm" {
  count = 3
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_compute_cluster_vm_group" "g" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "a:b"
  virtual_machine_ids = [
    upper(data.vsphere_virtual_machine.vm[0].id),
    data.vsphere_virtual_machine.vm[1].moid,
    data.vsphere_virtual_machine.vm[2].moid,
    data.vsphere_virtual_machine.vm[2].id,
  ]
}
