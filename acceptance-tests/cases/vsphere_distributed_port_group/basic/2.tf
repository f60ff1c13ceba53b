resource "vsphere_distributed_virtual_switch" "s" {
  name              = "dvs1"
  datacenter_id     = "{{moid /DC0}}"
  uplinks           = ["up1", "up2"]
  active_uplinks    = ["up1"]
  standby_uplinks   = ["up2"]
  allow_mac_changes = true

  pvlan_mapping {
    primary_vlan_id   = 100
    secondary_vlan_id = 100
    pvlan_type        = "promiscuous"
  }
}

resource "vsphere_distributed_port_group" "minimal" {
  name                            = "minimal"
  distributed_virtual_switch_uuid = vsphere_distributed_virtual_switch.s.id
}

resource "vsphere_distributed_port_group" "vlan" {
  count                           = 8
  name                            = "vlan-${count.index}"
  distributed_virtual_switch_uuid = vsphere_distributed_virtual_switch.s.id
  vlan_id                         = 300 + count.index
}

resource "vsphere_distributed_port_group" "full" {
  name                            = "full"
  distributed_virtual_switch_uuid = vsphere_distributed_virtual_switch.s.id
  description                     = "changed"
  type                            = "ephemeral"
  number_of_ports                 = 0
  auto_expand                     = false
  port_name_format                = "<portgroupName>-<portIndex>"

  port_private_secondary_vlan_id = 100

  active_uplinks                    = ["up2"]
  standby_uplinks                   = ["up1"]
  teaming_policy                    = "failover_explicit"
  notify_switches                   = false
  failback                          = false
  allow_promiscuous                 = false
  allow_forged_transmits            = true
  ingress_shaping_enabled           = true
  ingress_shaping_average_bandwidth = 1000000
  egress_shaping_enabled            = true
  egress_shaping_peak_bandwidth     = 2000000
  netflow_enabled                   = true
  block_override_allowed            = true
  shaping_override_allowed          = true
  traffic_filter_override_allowed   = true
  vlan_override_allowed             = true
}
