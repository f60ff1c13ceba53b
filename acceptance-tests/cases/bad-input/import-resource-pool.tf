# An import id that names nothing.
import {
  to = vsphere_resource_pool.x
  id = "resgroup-4711"
}
resource "vsphere_resource_pool" "x" {
  name                    = "missing"
  parent_resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
}
