data "vsphere_network" "near" {
  name = "Mgmt-172.20.0.0/25"
}
