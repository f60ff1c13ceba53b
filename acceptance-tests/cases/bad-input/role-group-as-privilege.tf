# A group of privileges among the privileges.
resource "vsphere_role" "r" {
  name            = "r"
  role_privileges = ["VirtualMachine.State"]
}
