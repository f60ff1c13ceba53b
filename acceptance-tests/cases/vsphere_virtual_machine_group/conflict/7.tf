resource "vsphere_virtual_machine" "vm" {
  power_state = "on"
}
