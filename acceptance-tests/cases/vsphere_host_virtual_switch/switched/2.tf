resource "vsphere_host_virtual_switch" "r" {
  name             = "vSwitch1"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  network_adapters = ["vmnic1"]
  active_nics      = ["vmnic1"]
  mtu              = 9000
  failback         = false
}
