# An import id that names nothing.
import {
  to = vsphere_entity_permission.x
  id = "/DC0/vm/missing:ann"
}
resource "vsphere_entity_permission" "x" {
  entity_id     = "{{moid /DC0}}"
  user_or_group = "ann"
  is_group      = false
  role_id       = "-2"
  propagate     = true
}
