# A server that hangs up.
provider "vsphere" {
  vsphere_server       = "{{closes_at_once}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
