data "vsphere_datacenter" "dc" {
  name = "DC0"
}

data "vsphere_compute_cluster" "c" {
  name          = "DC0_C0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
resource "vsphere_resource_pool" "p" {
  name                    = "bench"
  parent_resource_pool_id = data.vsphere_compute_cluster.c.resource_pool_id
  cpu_reservation         = 100
  cpu_expandable          = false
  memory_limit            = 512
}
