resource "vsphere_virtual_machine_class" "c" {
  name               = "tf-large"
  cpus               = 8
  memory             = 8192
  memory_reservation = 100
  vgpu_devices       = ["grid_m60-8q"]
}
