import {
  to = vsphere_entity_permissions.p
  id = "/"
}

data "vsphere_role" "reader" {
  label = "Read-only"
}
resource "vsphere_entity_permissions" "p" {
  entity_id   = "root"
  entity_type = "Folder"
  permissions {
    user_or_group = "users@vsphere.local"
    is_group      = true
    propagate     = true
    role_id       = data.vsphere_role.reader.id
  }
}
