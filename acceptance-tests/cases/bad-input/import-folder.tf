# An import id that names nothing.
import {
  to = vsphere_folder.x
  id = "/DC0/vm/gone"
}
resource "vsphere_folder" "x" {
  path          = "gone"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
}
