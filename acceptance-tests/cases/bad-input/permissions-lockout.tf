# The last administrator of the root folder would be removed.
resource "vsphere_entity_permissions" "p" {
  entity_id     = "group-d1"
  entity_type   = "Folder"
  authoritative = true
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = "-2"
  }
}
