resource "vsphere_virtual_machine" "vm" {
  num_cpus    = 8
  power_state = "on"
}
