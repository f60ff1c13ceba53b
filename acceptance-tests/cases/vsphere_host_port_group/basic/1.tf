locals {
  hosts = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}", "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}"]
}

resource "vsphere_host_virtual_switch" "s" {
  count            = 2
  name             = "vSwitch1"
  host_system_id   = local.hosts[count.index]
  network_adapters = ["vmnic1", "vmnic2"]
  active_nics      = ["vmnic1", "vmnic2"]
}

resource "vsphere_host_port_group" "web" {
  count               = 2
  name                = "web"
  host_system_id      = local.hosts[count.index]
  virtual_switch_name = vsphere_host_virtual_switch.s[count.index].name
  vlan_id             = 100
  allow_promiscuous   = true
}

resource "vsphere_host_port_group" "full" {
  count                     = 8
  name                      = "full-${count.index}"
  host_system_id            = local.hosts[0]
  virtual_switch_name       = vsphere_host_virtual_switch.s[0].name
  vlan_id                   = 4095
  active_nics               = ["vmnic2"]
  standby_nics              = ["vmnic1"]
  teaming_policy            = "failover_explicit"
  check_beacon              = false
  notify_switches           = false
  failback                  = false
  allow_forged_transmits    = false
  allow_mac_changes         = false
  shaping_enabled           = true
  shaping_average_bandwidth = 1000000
  shaping_burst_size        = 2000000
  shaping_peak_bandwidth    = 3000000
}

output "web" {
  value = vsphere_host_port_group.web[0].computed_policy
}

output "full" {
  value = vsphere_host_port_group.full[0].computed_policy
}
