# A license that the vCenter does not have
import {
  to = vsphere_license.l
  id = "0A0A0-11111-22222-33333-44444"
}

resource "vsphere_license" "l" {
  license_key = "0A0A0-11111-22222-33333-44444"
}
