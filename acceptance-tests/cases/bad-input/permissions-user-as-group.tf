# A group that is said to be a user.
# command: apply
resource "vsphere_entity_permissions" "p" {
  entity_id   = "{{moid /DC0}}"
  entity_type = "Datacenter"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = false
    propagate     = true
    role_id       = "-2"
  }
}
