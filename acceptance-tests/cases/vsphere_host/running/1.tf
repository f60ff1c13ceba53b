import {
  to = vsphere_host.h
  id = "/DC0/host/DC0_H0"
}

resource "vsphere_host" "h" {
  datacenter = "{{moid /DC0}}"
  hostname   = "DC0_H0"
  username   = "root"
  password   = "secret of the host"
}
