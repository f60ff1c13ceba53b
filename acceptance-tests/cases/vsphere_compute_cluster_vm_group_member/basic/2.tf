data "vsphere_virtual_machine" "vm" {
  count = 5
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_compute_cluster_vm_group" "g" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  name               = "web"
}

resource "vsphere_compute_cluster_vm_group_member" "m" {
  count              = 2
  compute_cluster_id = vsphere_compute_cluster_vm_group.g.compute_cluster_id
  vm_group_name      = vsphere_compute_cluster_vm_group.g.name
  virtual_machine_id = data.vsphere_virtual_machine.vm[count.index].id
}
