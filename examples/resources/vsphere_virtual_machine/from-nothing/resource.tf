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

# A virtual machine without a template, with EFI secure boot and an installer ISO image in its CD-ROM drive.
resource "vsphere_virtual_machine" "installer" {
  name             = "installer"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id

  num_cpus                = 2
  memory                  = 4096
  guest_id                = "debian11_64Guest"
  firmware                = "efi"
  efi_secure_boot_enabled = true

  # Unit 15 is the first unit on the second SCSI controller.
  scsi_controller_count = 2

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 20
  }

  disk {
    label            = "logs"
    size             = 100
    unit_number      = 15
    thin_provisioned = false
  }

  cdrom {
    datastore_id = data.vsphere_datastore.ssd1.id
    path         = "iso/debian-12.iso"
  }

  # No operating system is installed yet, so there is no IP address to wait for.
  wait_for_guest_net_timeout = 0
}
