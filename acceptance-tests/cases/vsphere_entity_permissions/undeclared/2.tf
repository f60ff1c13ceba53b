resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
resource "vsphere_entity_permissions" "p" {
  entity_id   = "{{moid /DC0/vm/team}}"
  entity_type = "Folder"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = false
    role_id       = vsphere_role.r.id
  }
}
