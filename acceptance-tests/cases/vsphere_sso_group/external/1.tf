import {
  to = vsphere_sso_group.ops
  id = "ops@corp.example"
}

resource "vsphere_sso_group" "ops" {
  name = "ops"
}
