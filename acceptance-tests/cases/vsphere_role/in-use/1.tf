resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse"]
}
resource "vsphere_role" "stays" {
  name            = "stays"
  role_privileges = ["Datastore.Browse"]
}
