# The name of a role that is there already.
# command: apply
resource "vsphere_role" "r" {
  name            = "ReadOnly"
  role_privileges = ["Datastore.Browse"]
}
