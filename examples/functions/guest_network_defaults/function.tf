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

# cloud-init has DNS servers and search domains per interface only.
output "metadata" {
  value = provider::vsphere::cloud_init_metadata({
    hostname = local.network.host_name
    interfaces = [for i in local.network.interfaces : merge(i, {
      nameservers    = length(i.nameservers) > 0 ? i.nameservers : local.network.nameservers
      search_domains = length(i.search_domains) > 0 ? i.search_domains : local.network.search_domains
    })]
  })
}
