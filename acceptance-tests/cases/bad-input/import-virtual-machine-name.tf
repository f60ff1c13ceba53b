# An import id that is only a name.
import {
  to = vsphere_virtual_machine.x
  id = "missing"
}
resource "vsphere_virtual_machine" "x" {
  name             = "missing"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
}
