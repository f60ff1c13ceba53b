# There is no such encoding.
output "o" {
  value = provider::vsphere::guestinfo_encode("#cloud-config", "gzip")
}
