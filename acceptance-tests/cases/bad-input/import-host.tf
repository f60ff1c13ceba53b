# The path of a cluster.
import {
  to = vsphere_host.h
  id = "/DC0/host/DC0_C0"
}

resource "vsphere_host" "h" {
  cluster  = "{{moid /DC0/host/DC0_C0}}"
  hostname = "esx1.example.com"
  username = "root"
  password = "x"
}
