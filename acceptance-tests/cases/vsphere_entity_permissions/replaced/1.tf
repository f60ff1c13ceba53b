data "vsphere_role" "none" {
  label = "No access"
}
resource "vsphere_entity_permissions" "p" {
  entity_id   = "{{moid /DC0/vm/team}}"
  entity_type = "Folder"
  permissions {
    user_or_group = "users@vsphere.local"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.none.id
  }
}
