# A role without a name.
resource "vsphere_role" "r" {
  role_privileges = ["Datastore.Browse"]
}
