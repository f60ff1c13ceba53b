resource "vsphere_virtual_machine_group" "g" {
  power_state           = "off"
  power_off_mode        = "soft"
  soft_power_op_timeout = 2
}
