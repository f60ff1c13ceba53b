data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_zone" "a" {
  name        = "zone-a"
  description = "First server room"
  cluster_ids = [data.vsphere_compute_cluster.c1.id]
}
