# XML that is not of vCenter.
provider "vsphere" {
  vsphere_server       = "{{not_soap}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
