resource "vsphere_virtual_machine" "vm" {
  power_state    = "off"
  power_off_mode = "hard"
  num_cpus       = 2
}
