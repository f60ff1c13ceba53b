resource "vsphere_role" "r" {
  name            = "faults-2"
  role_privileges = ["Datastore.Browse", "Datastore.AllocateSpace"]
}
resource "vsphere_entity_permission" "p" {
  entity_id     = "{{moid /DC0/vm}}"
  entity_type   = "Folder"
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = vsphere_role.r.id
}
resource "vsphere_entity_permissions" "all" {
  entity_id   = "{{moid /DC0/datastore}}"
  entity_type = "Folder"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = false
    role_id       = vsphere_role.r.id
  }
}
