# Sizes that no virtual machine has
resource "vsphere_virtual_machine_class" "c" {
  name            = "large"
  cpus            = 0
  memory          = 0
  cpu_reservation = 120
}
