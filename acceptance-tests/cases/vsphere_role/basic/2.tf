resource "vsphere_role" "r" {
  name            = "renamed"
  role_privileges = ["Network.Assign", "Datastore.Browse"]
}
