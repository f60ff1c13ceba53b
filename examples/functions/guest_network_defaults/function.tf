locals {
  network = provider::vsphere::guest_network_defaults({
    name       = "web-1"
    interfaces = [{ name = "eth0", network = "frontend" }, { name = "eth1", network = "backup", gateway4 = "None" }]
    }, {
    nameservers    = ["10.0.0.2"]
    search_domains = ["example.com"]
    networks = {
      frontend = { addresses = ["10.0.0.5/24"], gateway4 = "10.0.0.1" }
      backup   = { addresses = ["10.0.1.5/24"], gateway4 = "10.0.1.1" }
    }
  })
}

output "metadata" {
  value = provider::vsphere::cloud_init_metadata({
    hostname   = local.network.host_name
    interfaces = local.network.interfaces
  })
}
