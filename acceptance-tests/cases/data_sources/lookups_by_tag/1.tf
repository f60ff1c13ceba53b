data "vsphere_tag_category" "c" {
  name = "bench"
}
data "vsphere_tag" "gold" {
  name        = "gold"
  category_id = data.vsphere_tag_category.c.id
}
data "vsphere_tag" "east" {
  name        = "east"
  category_id = data.vsphere_tag_category.c.id
}
data "vsphere_datastore" "all" {
  name = "*"
  tags = [data.vsphere_tag.gold.id, data.vsphere_tag.east.id]
}
data "vsphere_compute_cluster" "c" {
  name = "*"
  tags = [data.vsphere_tag.gold.id]
}
data "vsphere_host" "h" {
  datacenter_id = "{{moid /DC0}}"
  tags          = [data.vsphere_tag.gold.id]
}
data "vsphere_resource_pool" "p" {
  name = "web"
  tags = [data.vsphere_tag.gold.id]
}
data "vsphere_network" "n" {
  name = "DC0_DVPG*"
  tags = [data.vsphere_tag.gold.id]
}
data "vsphere_network" "vpc" {
  name   = "DC0_DVPG0"
  vpc_id = "web"
}
output "vpc" {
  value = data.vsphere_network.vpc.id
}
output "datastore" {
  value = data.vsphere_datastore.all.id
}
output "cluster" {
  value = data.vsphere_compute_cluster.c.id
}
output "host" {
  value = data.vsphere_host.h.id
}
output "pool" {
  value = data.vsphere_resource_pool.p.id
}
output "network" {
  value = data.vsphere_network.n.id
}
