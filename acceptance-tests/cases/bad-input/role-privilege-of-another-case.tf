# A privilege in small letters.
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["datastore.browse"]
}
