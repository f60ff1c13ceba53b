# The root resource pool of a cluster, imported.
import {
  to = vsphere_resource_pool.root
  id = "/DC0/host/DC0_C0/Resources"
}
resource "vsphere_resource_pool" "root" {
  name                    = "Resources"
  parent_resource_pool_id = "resgroup-1"
}
