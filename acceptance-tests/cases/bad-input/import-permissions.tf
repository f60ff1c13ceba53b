# An import id that names nothing.
import {
  to = vsphere_entity_permissions.x
  id = "Folder:group-v4711"
}
resource "vsphere_entity_permissions" "x" {
  entity_id   = "{{moid /DC0}}"
  entity_type = "Datacenter"
  permissions {
    user_or_group = "ann"
    is_group      = false
    role_id       = "-2"
    propagate     = true
  }
}
