data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_datastore_cluster" "ssd" {
  name          = "ssd"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine" "ubuntu" {
  name          = "ubuntu-24.04"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# Three clones in a datastore cluster. Storage DRS selects a datastore for each of them, and can move them later.
resource "vsphere_virtual_machine" "worker" {
  count = 3

  name                 = "worker-${count.index}"
  resource_pool_id     = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_cluster_id = data.vsphere_datastore_cluster.ssd.id

  num_cpus = 2
  memory   = 4096
  guest_id = data.vsphere_virtual_machine.ubuntu.guest_id
  firmware = data.vsphere_virtual_machine.ubuntu.firmware

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 40
  }

  # Changing this value replaces all virtual machines.
  replace_trigger = "ubuntu 24.04, first build"

  clone {
    template_uuid = data.vsphere_virtual_machine.ubuntu.id
  }
}
