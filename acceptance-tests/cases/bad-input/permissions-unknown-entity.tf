# An entity that there is not.
# command: apply
resource "vsphere_entity_permissions" "p" {
  entity_id   = "group-v4711"
  entity_type = "Folder"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = "-2"
  }
}
