# A thumbprint of another certificate.
provider "vsphere" {
  vsphere_server = "{{server}}"
  user           = "{{user}}"
  password       = "{{password}}"
  thumbprint     = "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
