resource "vsphere_virtual_machine" "vm" {
  power_state = "suspended"
  num_cpus    = 2
}
