data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_compute_cluster" "az1" {
  name          = "az1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A configuration profile with the configuration of a host in the cluster.
resource "vsphere_configuration_profile" "c1" {
  cluster_id        = data.vsphere_compute_cluster.c1.id
  reference_host_id = data.vsphere_host.esx1.id
}

# A configuration profile for another cluster, with the same configuration.
resource "vsphere_configuration_profile" "az1" {
  cluster_id    = data.vsphere_compute_cluster.az1.id
  configuration = vsphere_configuration_profile.c1.configuration
}
