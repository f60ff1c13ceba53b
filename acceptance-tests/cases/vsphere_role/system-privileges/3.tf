resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["System.View", "Network.Assign", "Datastore.Browse"]
}
