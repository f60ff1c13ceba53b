# A server that is not a host name.
provider "vsphere" {
  vsphere_server       = "vcenter example"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
