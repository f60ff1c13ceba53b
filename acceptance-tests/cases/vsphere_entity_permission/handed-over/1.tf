data "vsphere_role" "reader" {
  label = "Read-only"
}
resource "vsphere_entity_permissions" "p" {
  entity_id   = "{{moid /DC0/vm/team}}"
  entity_type = "Folder"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\CAAdmins"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.reader.id
  }
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.reader.id
  }
}
