data "vsphere_virtual_machine" "vm" {
  count = 2
  name  = "/DC0/vm/DC0_C0_RP0_VM${count.index}"
}
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "apart" {
  name                = "asunder"
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_ids = data.vsphere_virtual_machine.vm[*].id
  enabled             = false
}
resource "vsphere_compute_cluster_vm_group" "g" {
  count               = 2
  name                = "g${count.index}"
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm[count.index].id]
}
resource "vsphere_compute_cluster_vm_dependency_rule" "order" {
  name                     = "order"
  compute_cluster_id       = "{{moid /DC0/host/DC0_C0}}"
  vm_group_name            = vsphere_compute_cluster_vm_group.g[0].name
  dependency_vm_group_name = vsphere_compute_cluster_vm_group.g[1].name
}
resource "vsphere_drs_vm_override" "d" {
  compute_cluster_id   = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id   = data.vsphere_virtual_machine.vm[0].id
  drs_enabled          = true
  drs_automation_level = "fullyAutomated"
}
resource "vsphere_ha_vm_override" "h" {
  compute_cluster_id     = "{{moid /DC0/host/DC0_C0}}"
  virtual_machine_id     = data.vsphere_virtual_machine.vm[0].id
  ha_vm_restart_priority = "low"
}
