locals {
  pending = {}
  reason  = null
}
resource "vsphere_virtual_machine" "vm" {
  power_state = "off"
}
