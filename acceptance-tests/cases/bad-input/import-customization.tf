# An import id that names nothing.
import {
  to = vsphere_guest_os_customization.x
  id = "missing"
}
resource "vsphere_guest_os_customization" "x" {
  name = "missing"
  type = "Linux"
  spec {
    linux_options {
      domain    = "example.com"
      host_name = "missing"
    }
  }
}
