# A system role, taken over.
import {
  to = vsphere_role.r
  id = "-1"
}
resource "vsphere_role" "r" {
  name = "Admin"
}
