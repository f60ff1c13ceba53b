# An address without its prefix length.
output "o" {
  value = provider::vsphere::cloud_init_metadata({
    instance_id = "web-1"
    interfaces  = [{ name = "eth0", addresses = ["10.0.0.5"] }]
  })
}
