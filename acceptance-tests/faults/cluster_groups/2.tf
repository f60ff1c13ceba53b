data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}
resource "vsphere_compute_cluster_vm_group" "g" {
  name                = "machines"
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[0].id]
}
resource "vsphere_compute_cluster_host_group" "h" {
  name               = "hosts"
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  host_system_ids    = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}", "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"]
}
resource "vsphere_compute_cluster_vm_host_rule" "r" {
  name                     = "there"
  compute_cluster_id       = "{{moid /DC0/host/DC0_C0}}"
  vm_group_name            = vsphere_compute_cluster_vm_group.g.name
  affinity_host_group_name = vsphere_compute_cluster_host_group.h.name
  mandatory                = true
}
resource "vsphere_compute_cluster_vm_group_member" "m" {
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  vm_group_name      = vsphere_compute_cluster_vm_group.own.name
  virtual_machine_id = data.vsphere_virtual_machine.vm[1].id
}
resource "vsphere_compute_cluster_vm_group" "own" {
  name               = "members"
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
}
