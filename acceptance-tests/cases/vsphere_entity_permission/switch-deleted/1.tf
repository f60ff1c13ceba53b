data "vsphere_role" "reader" {
  label = "Read-only"
}
data "vsphere_distributed_virtual_switch" "s" {
  name          = "spare"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_entity_permission" "a" {
  entity_id     = data.vsphere_distributed_virtual_switch.s.id
  entity_type   = "VmwareDistributedVirtualSwitch"
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = data.vsphere_role.reader.id
}
resource "vsphere_entity_permissions" "b" {
  entity_id   = data.vsphere_distributed_virtual_switch.s.id
  entity_type = "VmwareDistributedVirtualSwitch"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\CAAdmins"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.reader.id
  }
}
