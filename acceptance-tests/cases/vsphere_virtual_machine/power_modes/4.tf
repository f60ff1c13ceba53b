resource "vsphere_virtual_machine" "vm" {
  power_state           = "off"
  power_off_mode        = "soft"
  suspend_mode          = "soft"
  soft_power_op_timeout = 2
}
