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

data "vsphere_virtual_machine" "windows" {
  name          = "windows-2022"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

variable "admin_password" {
  type      = string
  sensitive = true
  default   = "only-in-this-example"
}

# A clone of a Windows template that joins a workgroup. A computer name can have at most 15 characters.
resource "vsphere_virtual_machine" "reports" {
  name             = "reports-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id

  num_cpus             = 4
  num_cores_per_socket = 4
  memory               = 16384
  guest_id             = data.vsphere_virtual_machine.windows.guest_id
  firmware             = data.vsphere_virtual_machine.windows.firmware

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 60
  }

  clone {
    template_uuid = data.vsphere_virtual_machine.windows.id

    customize {
      ipv4_gateway = "10.0.10.1"
      timeout      = 30 # Sysprep can take a long time.

      windows_options {
        computer_name  = "reports-1"
        workgroup      = "REPORTS"
        admin_password = var.admin_password
        time_zone      = 110 # Berlin and Rome
      }

      network_interface {
        ipv4_address    = "10.0.10.12"
        ipv4_netmask    = 24
        dns_server_list = ["10.0.0.2"]
      }
    }
  }
}
