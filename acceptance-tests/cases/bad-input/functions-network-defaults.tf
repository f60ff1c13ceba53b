# A misspelled member of the network configuration.
# command: validate
output "network" {
  value = provider::vsphere::guest_network_defaults({ interfaces = [{ name = "eth0", adresses = ["10.0.0.5/24"] }] }, null)
}
