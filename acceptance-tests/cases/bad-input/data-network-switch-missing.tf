# A switch that there is not.
data "vsphere_network" "n" {
  name                            = "DC0_DVPG0"
  distributed_virtual_switch_uuid = "50 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00"
}
