# A path that is none.
output "o" {
  value = provider::vsphere::parse_path("")
}
