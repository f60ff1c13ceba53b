# An import id that names nothing.
import {
  to = vsphere_datacenter.x
  id = "DC9"
}
resource "vsphere_datacenter" "x" {
  name = "DC9"
}
