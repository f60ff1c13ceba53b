terraform {
  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "ann@vsphere.local"
  password             = "ann-secret-1"
  allow_unverified_ssl = true
}
data "vsphere_about" "a" {}
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
