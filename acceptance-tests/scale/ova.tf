terraform {
  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}

variable "server" {}
variable "user" {}
variable "password" {}

provider "vsphere" {
  vsphere_server       = var.server
  user                 = var.user
  password             = var.password
  allow_unverified_ssl = true
}

data "vsphere_datacenter" "dc" {
  name = "DC0"
}

data "vsphere_compute_cluster" "c" {
  name          = "DC0_C0"
  datacenter_id = data.vsphere_datacenter.dc.id
}

data "vsphere_datastore" "ds" {
  name          = "LocalDS_0"
  datacenter_id = data.vsphere_datacenter.dc.id
}

data "vsphere_network" "network" {
  name          = "VM Network"
  datacenter_id = data.vsphere_datacenter.dc.id
}

resource "vsphere_virtual_machine_template" "template" {
  name             = "packaged"
  resource_pool_id = data.vsphere_compute_cluster.c.resource_pool_id
  datastore_id     = data.vsphere_datastore.ds.id
  ovf_deploy {
    local_ovf_path = "image.ova"
    ovf_network_map = {
      nat = data.vsphere_network.network.id
    }
  }
}
