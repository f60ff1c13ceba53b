data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# Exclude the host from DPM, so that it is never put in standby.
resource "vsphere_dpm_host_override" "esx1" {
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  host_system_id     = data.vsphere_host.esx1.id
  dpm_enabled        = false
}
