data "vsphere_virtual_machine" "vm" {
  count = 10
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_compute_cluster_vm_affinity_rule" "r" {
  count              = 5
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "pair-${count.index}"
  enabled            = true
  virtual_machine_ids = [
    data.vsphere_virtual_machine.vm[count.index].id,
    data.vsphere_virtual_machine.vm[count.index + 5].id,
  ]
}

resource "vsphere_compute_cluster_vm_group" "g" {
  count               = 5
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "group-${count.index}"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[count.index].id]
}

resource "vsphere_compute_cluster_vm_group" "shared" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "shared"
}

resource "vsphere_compute_cluster_vm_group_member" "m" {
  count              = 10
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  vm_group_name      = vsphere_compute_cluster_vm_group.shared.name
  virtual_machine_id = data.vsphere_virtual_machine.vm[count.index].id
}

resource "vsphere_drs_vm_override" "o" {
  count              = 10
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id = data.vsphere_virtual_machine.vm[count.index].id
}
