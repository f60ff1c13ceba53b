data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_host" "rack1" {
  for_each      = toset(["esx1.example.com", "esx2.example.com"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The hosts of one rack.
resource "vsphere_compute_cluster_host_group" "rack1" {
  name               = "rack1"
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  host_system_ids    = [for host in data.vsphere_host.rack1 : host.id]
}
