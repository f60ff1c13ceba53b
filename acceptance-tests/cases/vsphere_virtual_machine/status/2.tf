resource "vsphere_virtual_machine" "vm" {
  num_cpus           = 2
  memory             = 1024
  cpu_reservation    = 100
  memory_reservation = 512
}
