resource "vsphere_virtual_machine" "vm" {
  power_state                  = "suspended"
  power_off_mode               = "trySoft"
  suspend_mode                 = "trySoft"
  soft_power_op_timeout        = 2
  extra_config                 = { "sim.shutdown" = "ignore" }
  extra_config_reboot_required = false
}
