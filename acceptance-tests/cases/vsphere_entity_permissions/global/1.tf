resource "vsphere_entity_permissions" "root" {
  entity_id     = "root"
  entity_type   = "Folder"
  authoritative = true
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Administrators"
    is_group      = true
    propagate     = true
    role_id       = "-1"
  }
}
