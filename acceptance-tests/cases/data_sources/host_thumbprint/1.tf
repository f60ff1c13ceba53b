# The simulated vCenter is a server with TLS, as a host is.
data "vsphere_host_thumbprint" "h" {
  address  = split(":", "{{server}}")[0]
  port     = split(":", "{{server}}")[1]
  insecure = true
}

output "thumbprint" {
  value = data.vsphere_host_thumbprint.h.id
}
