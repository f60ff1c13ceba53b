data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}

resource "vsphere_compute_cluster_vm_group" "db" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "db"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[0].id]
}

resource "vsphere_compute_cluster_vm_group" "web" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "web"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[1].id]
}

resource "vsphere_compute_cluster_vm_dependency_rule" "r" {
  compute_cluster_id       = "{{moid /DC0/host/DC0_C0}}"
  name                     = "order"
  vm_group_name            = vsphere_compute_cluster_vm_group.db.name
  dependency_vm_group_name = vsphere_compute_cluster_vm_group.web.name
}
