# A user without its domain.
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "terraform"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
