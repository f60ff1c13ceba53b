# A role with an empty name.
resource "vsphere_role" "r" {
  name = ""
}
