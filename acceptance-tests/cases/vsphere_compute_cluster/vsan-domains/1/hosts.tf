data "vsphere_datacenter" "dc" {
  name = "DC0"
}

locals {
  id = { for name, host in data.vsphere_host.h : name => host.id }
}

data "vsphere_host" "h" {
  for_each      = toset(["vsan1", "vsan2", "vsan3", "vsan4", "DC0_H0"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc.id
}
