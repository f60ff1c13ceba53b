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

# A virtual machine with a virtual TPM, which Windows 11 requires. A virtual TPM requires a key provider in vCenter, and
# EFI firmware.
resource "vsphere_virtual_machine" "desktop" {
  name             = "desktop-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 8192
  guest_id         = "windows11_64Guest"
  firmware         = "efi"

  efi_secure_boot_enabled    = true
  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 64
  }

  vtpm {
    version = "2.0"
  }
}
