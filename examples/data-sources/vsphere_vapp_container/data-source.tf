data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_vapp_container" "shop" {
  name                    = "shop"
  parent_resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
}

data "vsphere_vapp_container" "shop" {
  name          = vsphere_vapp_container.shop.name
  datacenter_id = data.vsphere_datacenter.dc1.id
}
