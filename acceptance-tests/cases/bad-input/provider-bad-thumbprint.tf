# A thumbprint of the wrong form.
provider "vsphere" {
  vsphere_server = "{{server}}"
  user           = "{{user}}"
  password       = "{{password}}"
  thumbprint     = "12:34"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
