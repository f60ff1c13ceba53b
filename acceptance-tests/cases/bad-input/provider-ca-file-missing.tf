# A file of certificates that is not there.
provider "vsphere" {
  vsphere_server = "{{server}}"
  user           = "{{user}}"
  password       = "{{password}}"
  ca_file        = "no-such.pem"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
