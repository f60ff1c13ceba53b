data "vsphere_folder" "f" {
  path = "/DC0/vm"
}
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
resource "vsphere_entity_permissions" "p" {
  entity_id   = data.vsphere_folder.f.id
  entity_type = "Folder"
  permissions {
    user_or_group = "VSPHERE.LOCAL\\Users"
    is_group      = true
    propagate     = true
    role_id       = vsphere_role.r.id
  }
}
