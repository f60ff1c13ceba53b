data "vsphere_virtual_machine_classes" "all" {}

output "small_classes" {
  value = [for c in data.vsphere_virtual_machine_classes.all.classes : c.name if c.cpus <= 2]
}
