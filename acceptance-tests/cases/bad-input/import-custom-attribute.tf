# An import id that names nothing.
import {
  to = vsphere_custom_attribute.x
  id = "gone"
}
resource "vsphere_custom_attribute" "x" {
  name = "gone"
}
