data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_distributed_virtual_switch" "dvs1" {
  name          = "dvs1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_distributed_virtual_switch_pvlan_mapping" "primary" {
  distributed_virtual_switch_id = data.vsphere_distributed_virtual_switch.dvs1.id
  primary_vlan_id               = 100
  secondary_vlan_id             = 100
  pvlan_type                    = "promiscuous"
}

# Virtual machines in an isolated VLAN can reach the primary VLAN but not each other.
resource "vsphere_distributed_virtual_switch_pvlan_mapping" "isolated" {
  distributed_virtual_switch_id = data.vsphere_distributed_virtual_switch.dvs1.id
  primary_vlan_id               = vsphere_distributed_virtual_switch_pvlan_mapping.primary.primary_vlan_id
  secondary_vlan_id             = 101
  pvlan_type                    = "isolated"
}
