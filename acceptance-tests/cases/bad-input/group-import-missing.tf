# An import of a group with a virtual machine that does not exist.
import {
  to = vsphere_virtual_machine_group.g
  id = "web(vm-9999/vm-68)"
}
resource "vsphere_virtual_machine_group" "g" {
  name = "web"
}
