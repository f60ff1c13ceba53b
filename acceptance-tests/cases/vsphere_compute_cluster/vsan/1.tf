data "vsphere_datacenter" "dc" {
  name = "DC0"
}

data "vsphere_host" "h" {
  for_each      = toset(["vsan1", "vsan2", "vsan3"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc.id
}

data "vsphere_datastore" "remote" {
  name          = "LocalDS_0"
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_compute_cluster" "c" {
  name                      = "bench"
  datacenter_id             = data.vsphere_datacenter.dc.id
  host_system_ids           = [for h in data.vsphere_host.h : h.id]
  force_evacuate_on_destroy = true
  ha_enabled                = true
  vsan_enabled              = true
  vsan_compression_enabled  = true
  vsan_performance_enabled  = true
  vsan_unmap_enabled        = true
}
