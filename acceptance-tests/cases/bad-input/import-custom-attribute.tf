# An import id that names nothing.
import {
  to = vsphere_custom_attribute.x
  id = "missing"
}
resource "vsphere_custom_attribute" "x" {
  name = "missing"
}
