resource "vsphere_host_virtual_switch" "s" {
  name             = "vSwitch1"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  mtu              = 9000
  network_adapters = ["vmnic2", "vmnic3", "vmnic1"]
  active_nics      = ["vmnic1", "vmnic3"]
  standby_nics     = ["vmnic2"]
  failback         = false
}

resource "vsphere_host_virtual_switch" "internal" {
  name              = "internal"
  host_system_id    = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  network_adapters  = []
  active_nics       = []
  allow_promiscuous = true
}

resource "vsphere_host_virtual_switch" "full" {
  name             = "vSwitch1"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"
  network_adapters = ["vmnic3"]
  active_nics      = ["vmnic3"]
}
