data "vsphere_datacenter" "dc" {
  name = "DC0"
}

data "vsphere_host" "other" {
  name          = "esx1"
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_compute_cluster" "c" {
  name                      = "bench"
  datacenter_id             = data.vsphere_datacenter.dc.id
  host_system_ids           = [data.vsphere_host.other.id]
  force_evacuate_on_destroy = true
}
