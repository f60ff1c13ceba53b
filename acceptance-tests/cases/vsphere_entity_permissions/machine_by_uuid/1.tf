data "vsphere_virtual_machine" "vm" {
  name          = "DC0_C0_RP0_VM0"
  datacenter_id = "{{moid /DC0}}"
}
data "vsphere_role" "r" {
  label = "Read-only"
}
resource "vsphere_entity_permissions" "p" {
  entity_id   = data.vsphere_virtual_machine.vm.id
  entity_type = "VirtualMachine"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.r.id
  }
}
