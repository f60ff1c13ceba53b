resource "vsphere_virtual_machine_class" "c" {
  name               = "tf-large"
  cpus               = 4
  memory             = 4096
  cpu_reservation    = 50
  memory_reservation = 100
  vgpu_devices       = ["grid_m60-8q"]
}
data "vsphere_virtual_machine_class" "c" {
  name = vsphere_virtual_machine_class.c.id
}
data "vsphere_virtual_machine_classes" "all" {
  depends_on = [vsphere_virtual_machine_class.c]
}
output "class" {
  value = data.vsphere_virtual_machine_class.c.cpus
  precondition {
    condition = alltrue([
      data.vsphere_virtual_machine_class.c.cpus == 4,
      data.vsphere_virtual_machine_class.c.memory == 4096,
      data.vsphere_virtual_machine_class.c.cpu_reservation == 50,
      data.vsphere_virtual_machine_class.c.memory_reservation == 100,
      jsonencode(data.vsphere_virtual_machine_class.c.vgpu_devices) == jsonencode(["grid_m60-8q"]),
      contains([for c in data.vsphere_virtual_machine_classes.all.classes : c.name if c.cpus == 4], "tf-large"),
    ])
    error_message = jsonencode(data.vsphere_virtual_machine_class.c)
  }
}
