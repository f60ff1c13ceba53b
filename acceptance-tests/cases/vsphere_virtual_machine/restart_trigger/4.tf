resource "vsphere_virtual_machine" "vm" {
  restart_trigger              = "3"
  restart_mode                 = "soft"
  soft_power_op_timeout        = 1
  extra_config                 = { "sim.shutdown" = "ignore" }
  extra_config_reboot_required = false
}
