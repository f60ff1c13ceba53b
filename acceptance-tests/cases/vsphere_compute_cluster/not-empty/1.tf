data "vsphere_datacenter" "dc" {
  name = "DC0"
}

# Its hosts are left alone: `host_system_ids` is left out.
resource "vsphere_compute_cluster" "c" {
  name          = "bench"
  datacenter_id = data.vsphere_datacenter.dc.id
}
