resource "vsphere_host_virtual_switch" "s" {
  name             = "vSwitch1"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  network_adapters = ["vmnic1", "vmnic2"]
  active_nics      = ["vmnic1"]
  standby_nics     = ["vmnic2"]
}

resource "vsphere_host_virtual_switch" "internal" {
  name             = "internal"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  network_adapters = []
  active_nics      = []
}

resource "vsphere_host_virtual_switch" "full" {
  name                      = "vSwitch1"
  host_system_id            = "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"
  mtu                       = 9000
  number_of_ports           = 256
  network_adapters          = ["vmnic3"]
  beacon_interval           = 2
  link_discovery_operation  = "both"
  link_discovery_protocol   = "lldp"
  active_nics               = ["vmnic3"]
  teaming_policy            = "failover_explicit"
  check_beacon              = true
  notify_switches           = false
  failback                  = false
  allow_promiscuous         = true
  allow_forged_transmits    = false
  allow_mac_changes         = false
  shaping_enabled           = true
  shaping_average_bandwidth = 100000000
  shaping_burst_size        = 1000000
  shaping_peak_bandwidth    = 200000000
}
