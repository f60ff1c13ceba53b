# An import id that is the UUID of nothing.
import {
  to = vsphere_virtual_machine.x
  id = "0d2dc542-8cc4-54b5-a0a6-7fd84ec2a028"
}
resource "vsphere_virtual_machine" "x" {
  name             = "missing"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
}
