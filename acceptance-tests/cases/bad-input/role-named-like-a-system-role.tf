# The name of one of vCenter's own roles.
resource "vsphere_role" "r" {
  name            = "ReadOnly"
  role_privileges = ["VirtualMachine.Interact.PowerOn"]
}
