data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

data "vsphere_network" "backup" {
  name = "/dc1/network/VM Network"
}

# The intended configuration, with the defaults of the networks.
locals {
  network = provider::vsphere::guest_network_defaults({
    name = "my-vm"
    interfaces = [
      { name = "eth0", mac_address = "00:50:56:00:00:0a", network = "web" },
      {
        name = "eth1", mac_address = "00:50:56:00:00:0b", network = "backup", gateway4 = "None"
        mtu  = 9000, routes = [{ to = "10.2.0.0/16", via = "10.0.1.1" }]
      },
      { name = "eth2", mac_address = "00:50:56:00:00:0c", addresses = ["10.0.2.6/24", "fd00::6/64"], nameservers = ["10.0.2.3"] },
    ]
    }, {
    nameservers    = ["8.8.8.8", "8.8.4.4"]
    search_domains = ["hello.world", "example.com"]
    networks = {
      web    = { addresses = ["10.0.0.5/24"], gateway4 = "10.0.0.1" }
      backup = { addresses = ["10.0.1.5/24"], gateway4 = "10.0.1.1" }
    }
  })

  # cloud-init has DNS servers and search domains per interface only.
  interfaces = [for i in local.network.interfaces : merge(i, {
    nameservers    = length(i.nameservers) > 0 ? i.nameservers : local.network.nameservers
    search_domains = length(i.search_domains) > 0 ? i.search_domains : local.network.search_domains
  })]
}

# The first two network interfaces have the adapter types of the class, e1000 and vmxnet2; the third has vmxnet3.
resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  class_name       = "two-adapters"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  guest_id         = "ubuntu64Guest"

  network_interface {
    name           = "eth0"
    network_id     = data.vsphere_network.web.id
    use_static_mac = true
    mac_address    = local.network.interfaces[0].mac_address
  }

  network_interface {
    name           = "eth1"
    network_id     = data.vsphere_network.backup.id
    use_static_mac = true
    mac_address    = local.network.interfaces[1].mac_address
  }

  network_interface {
    name           = "eth2"
    network_id     = data.vsphere_network.web.id
    use_static_mac = true
    mac_address    = local.network.interfaces[2].mac_address
  }

  disk {
    label = "system"
    size  = 20
  }

  cloud_init {
    metadata = provider::vsphere::cloud_init_metadata({
      hostname   = local.network.host_name
      interfaces = local.interfaces
    })
  }
}

output "config" {
  description = "The intended and the observed configuration."
  value       = { intended = local.network, observed = vsphere_virtual_machine.my_vm.guest_networks }
}
