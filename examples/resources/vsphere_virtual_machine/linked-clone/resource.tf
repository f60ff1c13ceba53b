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

data "vsphere_virtual_machine" "ubuntu" {
  name          = "ubuntu-24.04"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A linked clone, whose disks store only the differences from the disks of its source. The source is a template, or a
# virtual machine with a snapshot.
resource "vsphere_virtual_machine" "test" {
  name             = "test-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  guest_id         = data.vsphere_virtual_machine.ubuntu.guest_id
  firmware         = data.vsphere_virtual_machine.ubuntu.firmware

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  # The disk of a linked clone must have the same size as the disk of the source.
  disk {
    label = "system"
    size  = data.vsphere_virtual_machine.ubuntu.disks[0].size
  }

  clone {
    template_uuid = data.vsphere_virtual_machine.ubuntu.id
    linked_clone  = true
  }
}
