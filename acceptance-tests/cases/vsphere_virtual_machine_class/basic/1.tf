resource "vsphere_virtual_machine_class" "c" {
  name            = "tf-large"
  cpus            = 4
  memory          = 4096
  cpu_reservation = 50
}
