# A group where a privilege belongs.
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore"]
}
