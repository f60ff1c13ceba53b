data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The cluster's root resource pool: the parent of the teams' pools.
resource "vsphere_resource_pool" "web" {
  name                    = "web"
  parent_resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
}
