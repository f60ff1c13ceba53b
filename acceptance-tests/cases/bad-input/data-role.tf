# A role that there is not.
data "vsphere_role" "d" {
  label = "No such"
}
