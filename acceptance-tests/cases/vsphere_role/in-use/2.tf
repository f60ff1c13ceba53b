resource "vsphere_role" "stays" {
  name            = "stays"
  role_privileges = ["Datastore.Browse"]
}
