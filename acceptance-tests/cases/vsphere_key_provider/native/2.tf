resource "vsphere_key_provider" "k" {
  name    = "native1"
  default = true
}

data "vsphere_key_provider" "default" {
  depends_on = [vsphere_key_provider.k]

  lifecycle {
    postcondition {
      condition     = self.name == "native1" && self.default
      error_message = "the default differs"
    }
  }
}
