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

resource "vsphere_vapp_container" "database" {
  name                    = "database"
  parent_resource_pool_id = vsphere_vapp_container.shop.id
}

resource "vsphere_vapp_container" "web" {
  name                    = "web"
  parent_resource_pool_id = vsphere_vapp_container.shop.id
}

# The web servers start one minute after the database.
resource "vsphere_vapp_entity" "database" {
  container_id = vsphere_vapp_container.shop.id
  target_id    = vsphere_vapp_container.database.id
  start_order  = 1
  start_delay  = 60
}

resource "vsphere_vapp_entity" "web" {
  container_id = vsphere_vapp_container.shop.id
  target_id    = vsphere_vapp_container.web.id
  start_order  = 2
}
