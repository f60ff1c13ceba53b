data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_distributed_virtual_switch" "dvs1" {
  name          = "dvs1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# One port group per VLAN.
resource "vsphere_distributed_port_group" "vlan" {
  for_each                        = { db = 10, app = 20 }
  name                            = each.key
  distributed_virtual_switch_uuid = data.vsphere_distributed_virtual_switch.dvs1.id
  vlan_id                         = each.value
}
