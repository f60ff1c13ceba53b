data "vsphere_role" "reader" {
  label = "Read-only"
}
data "vsphere_role" "admin" {
  label = "Administrator"
}

resource "vsphere_entity_permissions" "p" {
  entity_id     = "{{moid /DC0/vm/team}}"
  entity_type   = "Folder"
  authoritative = true
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.reader.id
  }
}
