# Two servers: the deprecated attribute and the present one.
# only warns
provider "vsphere" {
  vsphere_server       = "{{server}}"
  vcenter_server       = "other.invalid"
  user                 = "{{user}}"
  password             = "{{password}}"
  allow_unverified_ssl = true
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
