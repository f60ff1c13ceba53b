resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["System.Anonymous", "System.Read", "System.View", "Datastore.Browse"]
}
