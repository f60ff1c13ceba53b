resource "vsphere_virtual_machine" "vm" {
  num_cpus = 4
}
