resource "vsphere_virtual_machine" "vm" {
  power_state                 = "on"
  detach_volumes_on_power_off = true
  power_off_mode              = "hard"
}
