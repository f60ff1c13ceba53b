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
  # So that the grant is taken over before it is given up.
  depends_on = [vsphere_entity_permission.a]
}
resource "vsphere_entity_permission" "a" {
  entity_id     = "{{moid /DC0/vm/team}}"
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = data.vsphere_role.reader.id
}
