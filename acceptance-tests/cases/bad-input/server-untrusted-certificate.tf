# An untrusted certificate.
provider "vsphere" {
  vsphere_server = "{{server}}"
  user           = "{{user}}"
  password       = "{{password}}"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
