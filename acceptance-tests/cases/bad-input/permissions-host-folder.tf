# One of the four folders of a datacenter.
resource "vsphere_entity_permissions" "a" {
  entity_id   = "{{moid /DC0/host}}"
  entity_type = "Folder"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = "-2"
  }
}
