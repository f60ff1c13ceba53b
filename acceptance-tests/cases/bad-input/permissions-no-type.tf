# A type that there is not.
resource "vsphere_entity_permissions" "p" {
  entity_id   = "group-d1"
  entity_type = "Directory"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = "-2"
  }
}
