# A web page where vCenter should be.
provider "vsphere" {
  vsphere_server       = "{{not_a_vcenter}}"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
