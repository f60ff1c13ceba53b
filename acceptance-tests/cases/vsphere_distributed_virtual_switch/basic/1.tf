locals {
  hosts = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}", "{{moid /DC0/host/DC0_C0/DC0_C0_H1}}", "{{moid /DC0/host/DC0_C0/DC0_C0_H2}}"]
}

resource "vsphere_distributed_virtual_switch" "minimal" {
  name          = "minimal"
  datacenter_id = "{{moid /DC0}}"
}

resource "vsphere_distributed_virtual_switch" "s" {
  name            = "dvs1"
  datacenter_id   = "{{moid /DC0}}"
  folder          = "switches"
  description     = "for tests"
  contact_name    = "ann"
  contact_detail  = "ann@example.com"
  ipv4_address    = "10.0.0.5"
  version         = "7.0.3"
  max_mtu         = 9000
  uplinks         = ["up1", "up2", "up3"]
  active_uplinks  = ["up1", "up2"]
  standby_uplinks = ["up3"]
  teaming_policy  = "loadbalance_loadbased"
  failback        = false

  link_discovery_operation = "both"
  link_discovery_protocol  = "lldp"
  multicast_filtering_mode = "snooping"

  netflow_collector_ip_address = "10.0.0.6"
  netflow_collector_port       = 2055
  netflow_sampling_rate        = 100
  netflow_enabled              = true

  network_resource_control_enabled = true
  vmotion_share_level              = "custom"
  vmotion_share_count              = 70
  vmotion_maximum_mbit             = 5000
  nfs_share_level                  = "high"

  vlan_range {
    min_vlan = 10
    max_vlan = 20
  }
  vlan_range {
    min_vlan = 30
    max_vlan = 30
  }

  pvlan_mapping {
    primary_vlan_id   = 100
    secondary_vlan_id = 100
    pvlan_type        = "promiscuous"
  }
  pvlan_mapping {
    primary_vlan_id   = 100
    secondary_vlan_id = 101
    pvlan_type        = "isolated"
  }

  host {
    host_system_id = local.hosts[0]
    devices        = ["vmnic2", "vmnic1"]
  }
  host {
    host_system_id = local.hosts[1]
    devices        = ["vmnic1"]
  }
}
