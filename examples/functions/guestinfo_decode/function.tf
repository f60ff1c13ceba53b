output "user_data" {
  value = provider::vsphere::guestinfo_decode("I2Nsb3VkLWNvbmZpZwo=", "base64") # #cloud-config
}
