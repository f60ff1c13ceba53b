data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore_cluster" "ssd" {
  name          = "ssd"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

output "datastores" {
  value = data.vsphere_datastore_cluster.ssd.datastores
}
