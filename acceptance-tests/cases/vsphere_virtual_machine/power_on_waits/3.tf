resource "vsphere_virtual_machine" "vm" {
  power_state            = "on"
  poweron_retry_interval = 1
  extra_config           = { "sim.room" = "2" }
}
