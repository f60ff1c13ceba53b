data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

data "vsphere_virtual_machine_template" "ubuntu" {
  name = "/dc1/vm/ubuntu-24.04"
}

data "vsphere_virtual_machine_template" "windows" {
  name = "/dc1/vm/windows-2022"
}

locals {
  placement = {
    resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
    datastore_id     = data.vsphere_datastore.ssd1.id
    network_id       = data.vsphere_network.web.id
  }
}
