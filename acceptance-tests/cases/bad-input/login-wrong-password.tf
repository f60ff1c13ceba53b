# A wrong password.
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "{{user}}"
  password             = "wrong"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
