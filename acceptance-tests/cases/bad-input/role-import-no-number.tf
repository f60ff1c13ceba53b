# A name where the id of a role belongs.
import {
  to = vsphere_role.r
  id = "ReadOnly"
}
resource "vsphere_role" "r" {
  name = "ReadOnly"
}
