# A variable of the environment that is neither true nor false.
# env: VSPHERE_ALLOW_UNVERIFIED_SSL=perhaps
provider "vsphere" {
  vsphere_server = "{{server}}"
  user           = "{{user}}"
  password       = "{{password}}"
}

resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
