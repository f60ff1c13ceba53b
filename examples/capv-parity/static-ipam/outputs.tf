output "networks" {
  description = "The address, gateway and DNS servers of each machine, by its name, for `networks` of the module `ha-control-plane` and `network` of the module `machine`."
  value = {
    for name, address in local.addresses : name => {
      address     = "${address}/${local.prefix}"
      gateway     = var.gateway
      dns_servers = var.dns_servers
    }
  }
}

output "addresses" {
  description = "The addresses without the prefix length, by the name of the machine."
  value       = local.addresses
}
