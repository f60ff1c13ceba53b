# A URL where a host name belongs.
provider "vsphere" {
  vsphere_server       = "ftp://{{server}}/sdk"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
