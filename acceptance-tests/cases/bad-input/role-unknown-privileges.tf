# Privileges that there are not.
resource "vsphere_role" "r" {
  name            = "bench"
  role_privileges = ["Datastore.Browse", "No.Such", "Neither.This"]
}
