# A switch that does not exist.
resource "vsphere_distributed_port_group" "g" {
  name                            = "web"
  distributed_virtual_switch_uuid = "b3a521bf-4671-5029-a01b-000000000000"
}
