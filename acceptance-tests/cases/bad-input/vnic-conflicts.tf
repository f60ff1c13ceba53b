# Two networks, services on another stack, and an address without a netmask.
resource "vsphere_vnic" "n" {
  host                    = "host-37"
  portgroup               = "web"
  distributed_switch_port = "b3a521bf-4671-5029-a01b-000000000000"
  netstack                = "vmotion"
  services                = ["vmotion"]

  ipv4 {
    ip = "10.0.0.5"
  }
}
