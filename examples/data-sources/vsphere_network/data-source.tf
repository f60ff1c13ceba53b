data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# A standard network.
data "vsphere_network" "vms" {
  name          = "VM Network"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A port group of a specific switch, if several switches have one with that name.
data "vsphere_distributed_virtual_switch" "dvs1" {
  name          = "dvs1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name                            = "web"
  datacenter_id                   = data.vsphere_datacenter.dc1.id
  distributed_virtual_switch_uuid = data.vsphere_distributed_virtual_switch.dvs1.id
}

# "Network" or "DistributedVirtualPortgroup": the entity_type of a permission on it.
output "types" {
  value = [data.vsphere_network.vms.type, data.vsphere_network.web.type]
}
