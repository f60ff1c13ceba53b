# A privilege that is nearly right.
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Brows"]
}
