# An import id that names nothing.
import {
  to = vsphere_virtual_disk.x
  id = "/DC0/[LocalDS_0] missing.vmdk"
}
resource "vsphere_virtual_disk" "x" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "missing.vmdk"
  size       = 1
}
