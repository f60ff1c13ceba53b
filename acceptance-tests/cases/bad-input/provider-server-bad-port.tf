# A port that is none.
provider "vsphere" {
  vsphere_server       = "127.0.0.1:70000"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
