resource "vsphere_distributed_virtual_switch" "s" {
  name                        = "dvs1"
  datacenter_id               = "{{moid /DC0}}"
  ignore_other_pvlan_mappings = true
}

resource "vsphere_distributed_virtual_switch_pvlan_mapping" "primary" {
  distributed_virtual_switch_id = vsphere_distributed_virtual_switch.s.id
  primary_vlan_id               = 100
  secondary_vlan_id             = 100
  pvlan_type                    = "promiscuous"
}

resource "vsphere_distributed_virtual_switch_pvlan_mapping" "community" {
  count                         = 3
  distributed_virtual_switch_id = vsphere_distributed_virtual_switch.s.id
  primary_vlan_id               = vsphere_distributed_virtual_switch_pvlan_mapping.primary.primary_vlan_id
  secondary_vlan_id             = 101 + count.index
  pvlan_type                    = "community"
}
