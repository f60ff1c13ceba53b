resource "vsphere_virtual_machine" "vm" {
  restart_trigger              = "4"
  restart_mode                 = "trySoft"
  soft_power_op_timeout        = 1
  extra_config                 = { "sim.shutdown" = "ignore" }
  extra_config_reboot_required = false
}
