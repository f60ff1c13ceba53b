# A text that is not compressed.
output "o" {
  value = provider::vsphere::guestinfo_decode("I2Nsb3VkLWNvbmZpZwo=", "gzip+base64")
}
