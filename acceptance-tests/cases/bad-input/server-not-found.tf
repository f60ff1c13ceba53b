# A web server without the path /sdk.
provider "vsphere" {
  vsphere_server       = "{{not_found}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
