# A text where a list belongs.
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = "Datastore.Browse"
}
