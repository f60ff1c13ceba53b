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

# A clone of a template, with a larger disk, a second disk and a static IP address.
resource "vsphere_virtual_machine" "web" {
  name             = "web-1"
  folder           = "web"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id

  num_cpus               = 4
  cpu_hot_add_enabled    = true
  memory                 = 8192
  memory_hot_add_enabled = true
  guest_id               = data.vsphere_virtual_machine.ubuntu.guest_id
  firmware               = data.vsphere_virtual_machine.ubuntu.firmware
  annotation             = "The shop's web server"

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 40
  }

  disk {
    label       = "data"
    size        = 200
    unit_number = 1
  }

  # cloud-init reads these keys at each boot. Changing them does not power off the virtual machine.
  extra_config = {
    "guestinfo.userdata"          = base64encode("#cloud-config\npackages: [nginx]\n")
    "guestinfo.userdata.encoding" = "base64"
  }

  clone {
    template_uuid = data.vsphere_virtual_machine.ubuntu.id

    customize {
      ipv4_gateway    = "10.0.10.1"
      dns_server_list = ["10.0.0.2"]

      linux_options {
        host_name = "web-1"
        domain    = "example.com"
      }

      network_interface {
        ipv4_address = "10.0.10.11"
        ipv4_netmask = 24
      }
    }
  }

  # Rejects plans that power off the virtual machine. To reject plans that destroy it, set `deletion_protection = true`.
  allow_reboot = false
}
