resource "vsphere_role" "r" {
  name                      = "bench"
  role_privileges           = ["Datastore.Browse", "Not.Known.Anywhere"]
  privilege_groups          = ["VirtualMachine.State"]
  ignore_unknown_privileges = true
}
