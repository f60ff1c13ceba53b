resource "vsphere_host_virtual_switch" "management" {
  name             = "vSwitch0"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  mtu              = 9000
  network_adapters = ["vmnic0"]
  active_nics      = ["vmnic0"]
}

import {
  to = vsphere_host_virtual_switch.management
  id = "tf-HostVirtualSwitch:{{moid /DC0/host/DC0_C0/DC0_C0_H0}}:vSwitch0"
}
