# An import id that names nothing.
import {
  to = vsphere_folder.x
  id = "/DC0/vm/missing"
}
resource "vsphere_folder" "x" {
  path          = "missing"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
