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

resource "vsphere_virtual_disk_image" "image" {
  datacenter = "DC0"
  datastore  = "LocalDS_0"
  vmdk_path  = "image.vmdk"
  source     = "image.raw"
}
