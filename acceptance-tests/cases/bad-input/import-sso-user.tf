# A user that does not exist
import {
  to = vsphere_sso_user.u
  id = "nil@vsphere.local"
}

resource "vsphere_sso_user" "u" {
  name     = "nil"
  password = "Hunter2-good!"
}
