data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# Two teams share a cluster: the web team has priority under contention, and the data team has a limit.
resource "vsphere_resource_pool" "web" {
  name                    = "web"
  parent_resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  cpu_share_level         = "high"
  memory_share_level      = "high"
  memory_reservation      = 65536
}

resource "vsphere_resource_pool" "data" {
  name                    = "data"
  parent_resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  cpu_limit               = 20000
  memory_limit            = 131072
}
