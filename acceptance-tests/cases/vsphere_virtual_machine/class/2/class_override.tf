resource "vsphere_virtual_machine_class" "large" {
  cpus = 4
}
