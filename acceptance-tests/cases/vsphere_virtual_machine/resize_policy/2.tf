locals {
  pending = { cpu_hot_add_enabled = "true", memory = "2048", memory_reservation = "2048", num_cpus = "4" }
  reason  = "PowerOffRequired"
}
resource "vsphere_virtual_machine" "vm" {
  num_cpus            = 4
  memory              = 2048
  memory_reservation  = 2048
  cpu_hot_add_enabled = true
  annotation          = "resized later"
}
