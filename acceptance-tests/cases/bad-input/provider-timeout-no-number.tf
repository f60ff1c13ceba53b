# A timeout that is not a number.
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
  api_timeout          = "soon"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
