# command: apply
# One virtual machine in two words.
data "vsphere_virtual_machine" "vm" {
  name = "/DC0/vm/DC0_C0_RP0_VM0"
}
resource "vsphere_compute_cluster_vm_anti_affinity_rule" "r" {
  compute_cluster_id  = "{{moid /DC0/host/DC0_C0}}"
  name                = "apart"
  virtual_machine_ids = [data.vsphere_virtual_machine.vm.id, data.vsphere_virtual_machine.vm.moid]
}
