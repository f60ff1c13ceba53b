data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_configuration_profile" "c1" {
  cluster_id = data.vsphere_compute_cluster.c1.id
}

output "ntp" {
  value = jsondecode(data.vsphere_configuration_profile.c1.configuration).profile.esx.system
}
