data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_distributed_virtual_switch" "dvs1" {
  name          = "dvs1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

output "uplinks" {
  value = data.vsphere_distributed_virtual_switch.dvs1.uplinks
}
