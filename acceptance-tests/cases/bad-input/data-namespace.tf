data "vsphere_namespace" "n" {
  name = "team-x"
}
