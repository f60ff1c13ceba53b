# A user that there is not.
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "unknown@vsphere.local"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
