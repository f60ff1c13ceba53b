data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

data "vsphere_content_library" "images" {
  name = "images"
}

data "vsphere_content_library_items" "tools" {
  library_id = data.vsphere_content_library.images.id
  type       = "iso"
  name_regex = "^tools$"
}

resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  controller {
    type       = "scsi"
    bus_number = 0
    scsi_type  = "pvscsi"
    sharing    = "noSharing"
  }

  controller {
    type       = "scsi"
    bus_number = 1
    scsi_type  = "pvscsi"
    sharing    = "physicalSharing"
  }

  controller {
    type       = "sata"
    bus_number = 0
  }

  controller {
    type       = "nvme"
    bus_number = 0
    sharing    = "noSharing"
  }

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 20
  }

  cdrom {
    name                   = "tools"
    datastore_id           = data.vsphere_content_library_items.tools.items[0].datastore_id
    path                   = data.vsphere_content_library_items.tools.items[0].path
    connected              = true
    allow_guest_control    = true
    controller_type        = "sata"
    controller_bus_number  = 0
    controller_unit_number = 0
  }
}

output "controllers" {
  value = vsphere_virtual_machine.my_vm.hardware_status.controllers
}
