# The id of no role.
import {
  to = vsphere_role.r
  id = "4711"
}
resource "vsphere_role" "r" {
  name = "bench"
}
