# No server listens on the port.
provider "vsphere" {
  vsphere_server       = "{{closed_port}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
