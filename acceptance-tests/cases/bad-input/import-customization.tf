# An import id that names nothing.
import {
  to = vsphere_guest_os_customization.x
  id = "gone"
}
resource "vsphere_guest_os_customization" "x" {
  name = "gone"
  type = "Linux"
  spec {
    linux_options {
      domain    = "example.com"
      host_name = "gone"
    }
  }
}
