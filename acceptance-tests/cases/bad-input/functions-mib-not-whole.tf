# A power of a thousand.
output "o" {
  value = provider::vsphere::mib("512M")
}
