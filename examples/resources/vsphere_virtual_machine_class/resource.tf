# Reserve all of the memory and half of the CPU.
resource "vsphere_virtual_machine_class" "large" {
  name               = "reserved-large"
  cpus               = 4
  memory             = 16384
  cpu_reservation    = 50
  memory_reservation = 100
}
