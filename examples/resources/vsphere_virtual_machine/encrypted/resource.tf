data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The default key provider of vCenter.
data "vsphere_key_provider" "default" {}

# A virtual machine that is encrypted with the keys of a key provider, with its disks. To encrypt it with a new key, change
# `rekey_trigger`. To decrypt it, set `allow_decrypt`, apply, and remove the block.
resource "vsphere_virtual_machine" "vault" {
  name             = "vault-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 32
  }

  encryption {
    key_provider_id = data.vsphere_key_provider.default.id
    rekey_trigger   = "2026-01"
  }
}
