resource "vsphere_virtual_machine" "vm" {
  restart_trigger = "5"
  power_state     = "on"
}
