data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "az1" {
  name          = "az1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_tag_category" "zone" {
  name             = "k8s-zone"
  cardinality      = "SINGLE"
  associable_types = ["ClusterComputeResource"]
}

resource "vsphere_tag" "az1" {
  name        = "az1"
  category_id = vsphere_tag_category.zone.id
}

# A tag on a cluster that this configuration does not manage. The other tags of the cluster are not changed.
resource "vsphere_tag_attachment" "az1" {
  tag_id    = vsphere_tag.az1.id
  object_id = data.vsphere_compute_cluster.az1.id
}
