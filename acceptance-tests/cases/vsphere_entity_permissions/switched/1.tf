resource "vsphere_entity_permissions" "p" {
  entity_id   = "{{moid /DC0}}"
  entity_type = "Datacenter"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = "-2"
  }
  permissions {
    user_or_group = "vsphere.local\\caadmins"
    is_group      = true
    propagate     = false
    role_id       = "-5"
  }
}
