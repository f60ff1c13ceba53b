# No password.
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "{{user}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
