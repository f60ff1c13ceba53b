# A file of certificates that has none.
provider "vsphere" {
  vsphere_server = "{{server}}"
  user           = "{{user}}"
  password       = "{{password}}"
  ca_file        = "main.tf"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
