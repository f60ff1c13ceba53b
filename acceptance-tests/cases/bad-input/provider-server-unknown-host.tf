# A name that does not resolve.
provider "vsphere" {
  vsphere_server       = "vcenter.invalid"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
