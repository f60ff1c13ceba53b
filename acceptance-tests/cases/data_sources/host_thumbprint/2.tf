# Its certificate is signed by itself.
data "vsphere_host_thumbprint" "h" {
  address = split(":", "{{server}}")[0]
  port    = split(":", "{{server}}")[1]
}
