resource "vsphere_role" "r" {
  name                      = "bench"
  role_privileges           = ["Datastore.Browse", "Not.Known.Anywhere"]
  privilege_groups          = ["VirtualMachine.State", "VirtualMachine.GuestOperations"]
  ignore_unknown_privileges = true
}
