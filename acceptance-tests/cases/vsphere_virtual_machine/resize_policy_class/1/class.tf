resource "vsphere_virtual_machine_class" "large" {
  name               = "tf-large"
  cpus               = 2
  memory             = 2048
  cpu_reservation    = 50
  memory_reservation = 50
}
resource "vsphere_virtual_machine_class" "small" {
  name   = "tf-small"
  cpus   = 1
  memory = 512
}
