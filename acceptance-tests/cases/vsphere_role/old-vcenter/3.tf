resource "vsphere_role" "r" {
  name             = "bench"
  role_privileges  = ["Datastore.Browse"]
  privilege_groups = ["VirtualMachine.State"]
}
