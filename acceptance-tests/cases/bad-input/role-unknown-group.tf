# A group of privileges that there is not.
resource "vsphere_role" "r" {
  name             = "bench"
  privilege_groups = ["Virtualmachine.Confg"]
}
