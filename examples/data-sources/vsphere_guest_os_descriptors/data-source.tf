data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_guest_os_descriptors" "linux" {
  compute_cluster_id = data.vsphere_compute_cluster.c1.id
  family             = "linuxGuest"
}

locals {
  guest_ids = { for g in data.vsphere_guest_os_descriptors.linux.guests : g.full_name => g.id }
}
