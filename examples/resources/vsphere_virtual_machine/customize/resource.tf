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

# An appliance that is deployed from an OVA file. The package defines the disks, controllers and network interfaces.
# `num_cpus` and `memory` override the values of the package, and `vapp` sets its properties.
# A virtual machine from an OVA whose guest is customized when it is first powered on.
resource "vsphere_virtual_machine" "gateway" {
  name             = "gateway-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 128
  guest_id         = "otherLinuxGuest"

  ovf_deploy {
    local_ovf_path    = "${path.module}/appliance.ova"
    disk_provisioning = "thin"
  }

  network_interface {
    name        = "frontend"
    network_id  = data.vsphere_network.web.id
    ovf_mapping = "nat"
  }

  network_interface {
    name       = "backend"
    network_id = data.vsphere_network.web.id
  }

  customize {
    dns_server_list = ["10.0.0.2"]

    linux_options {
      host_name = "gateway-1"
      domain    = "example.com"
    }

    network_interface {
      ipv4_address = "10.0.0.11"
      ipv4_netmask = 24
      ipv4_gateway = "10.0.0.1"
      dhcp6        = true
    }

    network_interface {
      ipv4_address = "10.0.0.12"
      ipv4_netmask = 24
      ipv4_gateway = "None"
    }
  }
}

output "addresses" {
  value = { for network in vsphere_virtual_machine.gateway.guest_networks : network.name => network.addresses[*].address }
}
