data "vsphere_datacenter" "dc" {
  name = "DC0"
}
data "vsphere_compute_cluster" "cluster" {
  name          = "DC0_C0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_host" "host" {
  name          = "DC0_C0_H0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_resource_pool" "pool" {
  name          = "DC0_C0/Resources"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_datastore" "datastore" {
  name          = "LocalDS_0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_network" "network" {
  name          = "VM Network"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_network" "portgroup" {
  name          = "DC0_DVPG0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_folder" "folder" {
  path = "/DC0/vm"
}
output "dc" {
  value = data.vsphere_datacenter.dc.id
}
output "cluster" {
  value = data.vsphere_compute_cluster.cluster.id
}
output "host" {
  value = data.vsphere_host.host.id
}
output "pool" {
  value = data.vsphere_resource_pool.pool.id
}
output "datastore" {
  value = data.vsphere_datastore.datastore.id
}
output "network" {
  value = data.vsphere_network.network.id
}
output "portgroup" {
  value = data.vsphere_network.portgroup.id
}
output "folder" {
  value = data.vsphere_folder.folder.id
}
