resource "vsphere_virtual_machine_class" "large" {
  name   = "large"
  cpus   = 4
  memory = 8192
}

data "vsphere_virtual_machine_class" "large" {
  name = vsphere_virtual_machine_class.large.id
}
