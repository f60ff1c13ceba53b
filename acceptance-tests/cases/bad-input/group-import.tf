# The ID of a group has its members in parentheses.
import {
  to = vsphere_virtual_machine_group.g
  id = "web"
}
resource "vsphere_virtual_machine_group" "g" {
  name = "web"
}
