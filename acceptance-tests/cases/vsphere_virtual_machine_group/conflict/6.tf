resource "vsphere_virtual_machine" "vm" {
  power_on_checks = null
}
