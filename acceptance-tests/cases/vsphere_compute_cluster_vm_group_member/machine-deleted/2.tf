data "vsphere_virtual_machine" "vm" {
  for_each = toset(["0"])
  name     = "/DC0/vm/DC0_C0_RP0_VM${each.key}"
}

resource "vsphere_compute_cluster_vm_group_member" "m" {
  for_each           = data.vsphere_virtual_machine.vm
  compute_cluster_id = "{{moid /DC0/host/DC0_C0}}"
  vm_group_name      = "web"
  virtual_machine_id = each.value.id
}
