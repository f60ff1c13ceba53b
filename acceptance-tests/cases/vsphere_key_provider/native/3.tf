resource "vsphere_key_provider" "k" {
  name    = "native1"
  default = false
}
