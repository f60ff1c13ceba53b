# A negative time limit.
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
  api_timeout          = -1
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
