resource "vsphere_virtual_machine" "vm" {
  power_on_checks = { ad = "waiting for the computer object" }
}
