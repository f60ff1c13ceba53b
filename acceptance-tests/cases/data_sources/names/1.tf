data "vsphere_datacenter" "dc" {
  name = "DC0"
}
# Standard networks are stored as they are called, port groups escaped: both spellings find both.
data "vsphere_network" "standard" {
  for_each = toset([
    "Mgmt-172.20.0.0/24", "Mgmt-172.20.0.0%2f24",
    "/DC0/network/Mgmt-172.20.0.0/24", "/DC0/network/Mgmt-172.20.0.0%2f24",
  ])
  name          = each.value
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_network" "group" {
  for_each = toset([
    "Prod-10.0.0.0/8", "Prod-10.0.0.0%2f8", "/DC0/network/Prod-10.0.0.0/8", "/DC0/network/Prod-10.0.0.0%2f8",
  ])
  name          = each.value
  datacenter_id = data.vsphere_datacenter.dc.id
}
# Where nothing has the name as it is written, it is a pattern.
data "vsphere_datastore" "pattern" {
  name          = "Local*_0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_compute_cluster" "pattern" {
  name          = "/DC0/host/DC0_C?"
  datacenter_id = data.vsphere_datacenter.dc.id
}
output "standard" {
  value = one(distinct([for n in data.vsphere_network.standard : n.id]))
}
output "group" {
  value = one(distinct([for n in data.vsphere_network.group : n.id]))
}
output "datastore" {
  value = data.vsphere_datastore.pattern.id
}
output "cluster" {
  value = data.vsphere_compute_cluster.pattern.id
}
