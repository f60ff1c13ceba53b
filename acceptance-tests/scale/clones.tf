# Clones as they are mostly made: two disks, one NIC, one tag, a guest that is customized and waited for.
terraform {
  required_providers {
    vsphere = { source = "vsphere-rs/vsphere" }
  }
}
variable "server" { default = "127.0.0.1:9443" }
variable "user" { default = "user" }
variable "password" { default = "pass" }
variable "n_vms" { default = 50 }
# What an update changes.
variable "annotation" { default = "" }
variable "data_size" { default = 2 }
variable "network" { default = "VM Network" }
provider "vsphere" {
  user                 = var.user
  password             = var.password
  vsphere_server       = var.server
  allow_unverified_ssl = true
}
data "vsphere_datacenter" "dc" { name = "DC0" }
data "vsphere_compute_cluster" "c" {
  name          = "DC0_C0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_datastore" "ds" {
  name          = "LocalDS_0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_network" "n" {
  name          = var.network
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_virtual_machine" "tpl" {
  name          = "tpl"
  datacenter_id = data.vsphere_datacenter.dc.id
}
resource "vsphere_tag_category" "c" {
  name             = "clones"
  cardinality      = "MULTIPLE"
  associable_types = ["VirtualMachine"]
}
resource "vsphere_tag" "t" {
  name        = "clone"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_virtual_machine" "vm" {
  count            = var.n_vms
  name             = "clone-${count.index}"
  resource_pool_id = data.vsphere_compute_cluster.c.resource_pool_id
  datastore_id     = data.vsphere_datastore.ds.id
  guest_id         = "ubuntu64Guest"
  annotation       = var.annotation
  tags             = [vsphere_tag.t.id]
  network_interface {
    network_id = data.vsphere_network.n.id
  }
  disk {
    label = "disk0"
    size  = 1
  }
  disk {
    label       = "data"
    size        = var.data_size
    unit_number = 1
  }
  clone {
    template_uuid = data.vsphere_virtual_machine.tpl.id
    customize {
      ipv4_gateway = "10.0.0.1"
      linux_options {
        host_name = "clone-${count.index}"
        domain    = "example.com"
      }
      network_interface {
        ipv4_address = "10.0.0.${count.index + 10}"
        ipv4_netmask = 24
      }
    }
  }
}
