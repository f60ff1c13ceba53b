data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

# A port group on a standard switch.
data "vsphere_network" "vms" {
  name          = "VM Network"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A port group on a specific distributed switch, if several switches have a port group with this name.
data "vsphere_distributed_virtual_switch" "dvs1" {
  name          = "dvs1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name                            = "web"
  datacenter_id                   = data.vsphere_datacenter.dc1.id
  distributed_virtual_switch_uuid = data.vsphere_distributed_virtual_switch.dvs1.id
}

# "Network" or "DistributedVirtualPortgroup", for use as the `entity_type` of a permission.
output "types" {
  value = [data.vsphere_network.vms.type, data.vsphere_network.web.type]
}
